import type { Entry } from '../model/offline/entry.ts'
import { isLetter, mayBeTakenBack } from '../model/offline/entry.ts'
import type { Attachment } from '../model/compose/content.ts'
import { aloneNameOf } from '../model/people.ts'
import { subjectText } from '../model/plain-signs.ts'
import { sizeText } from '../model/dates.ts'
import { language, t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { takeFromQueue } from './compose/send.ts'
import { desk } from './compose/open-desk.ts'
import { localeFor } from './message-row.tsx'
import { useMail } from './mail-context.ts'
import './waiting.css'

/** What waits for the network, in its order: letters one by one, everything else as a number. */
export function WaitingDialog({ onClose }: { readonly onClose: () => void }) {
  const { away } = useMail()
  const words = t().away
  const waiting = away.value?.waiting.value ?? []
  const letters = waiting.filter(isLetter)
  const changes = waiting.filter(one => !isLetter(one))
  return (
    <Dialog title={words.waitingTitle} closeLabel={t().actions.close} onClose={onClose}>
      <div class="waiting">
        <p>{waiting.length > 0 ? words.waitingHint : words.nothingWaits}</p>
        <ul>
          {letters.map(entry => (
            <WaitingLetter key={entry.key} entry={entry} onTaken={onClose} />
          ))}
          {changes.length > 0 && <WaitingChanges entries={changes} />}
        </ul>
      </div>
    </Dialog>
  )
}

function WaitingLetter({ entry, onTaken }: { readonly entry: Entry; readonly onTaken: () => void }) {
  const mail = useMail()
  const words = t().away
  const { what, refused } = entry
  if (what.kind !== 'send' && what.kind !== 'draft') return null
  const { subject, to, cc, bcc, attachments } = what.content
  const files = attachments.filter(({ isKept }) => isKept)
  const locale = localeFor(language.value)
  const names = [...to, ...cc, ...bcc].map(aloneNameOf).join(', ')
  const takeBack = () => {
    const mine = desk.peek()
    if (mine) void takeFromQueue(mail, mine, entry.key)
    onTaken()
  }
  return (
    <li>
      <div>
        <strong>{subjectText(subject) ?? t().list.noSubject}</strong>
        <span>
          {what.kind === 'send' ? words.toBeSent : words.draft}
          {names !== '' && ` · ${t().list.to(names)}`}
          {files.length > 0 && ` · ${words.filesWait(files.length, sizeText(sizeOf(files), locale))}`}
        </span>
        {refused !== undefined && <span class="waiting-refused">{words.refused(refused)}</span>}
        {!mayBeTakenBack(entry) && <span>{words.beingAsked}</span>}
      </div>
      {mayBeTakenBack(entry) && <Button onClick={takeBack}>{words.takeBack}</Button>}
    </li>
  )
}

function sizeOf(files: readonly Attachment[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

function WaitingChanges({ entries }: { readonly entries: readonly Entry[] }) {
  const { away } = useMail()
  const words = t().away
  const takeBack = async () => {
    // the last one first, as one undoes
    for (const { key } of entries.toReversed()) await away.peek()?.takeBack(key)
  }
  return (
    <li>
      <strong>{words.changes(entries.length)}</strong>
      <Button onClick={() => void takeBack()}>{words.takeBackAll}</Button>
    </li>
  )
}
