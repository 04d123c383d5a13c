import { useSignal } from '@preact/signals'
import { Fault } from '../jmap/fault.ts'
import type { Letter } from '../model/conversation.ts'
import { type Left, leaveByClick, letterOf, threadsOfList, waysOut } from '../model/leave-list.ts'
import { readLink } from '../letter/link.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { archive, trash } from './commands.ts'
import { useMail } from './mail-context.ts'
import { writing } from './writing.ts'

type State = 'asking' | 'busy' | 'not-tried' | Left

/** Asks before anything is done: by the server, by a letter, or on a page of the list. */
export function UnsubscribeDialog({ letter, onClose }: { readonly letter: Letter; readonly onClose: () => void }) {
  const mail = useMail()
  const state = useSignal<State>('asking')
  const words = t().letter
  const leave = () => {
    state.value = 'busy'
    leaveByClick(mail, letter.id).then(
      left => (state.value = left),
      (error: unknown) =>
        (state.value = error instanceof Fault && error.kind === 'signed-out' ? 'asking' : 'not-tried'),
    )
  }
  const now = state.value
  const isDone = typeof now === 'object' && now.outcome === 'done'
  return (
    <Dialog title={words.leaveTitle} closeLabel={t().actions.close} onClose={onClose}>
      <div class="leave">
        {now === 'asking' || now === 'busy' ? (
          <Ways letter={letter} isBusy={now === 'busy'} onLeave={leave} onClose={onClose} />
        ) : (
          <p role="status">{now === 'not-tried' ? words.notTried : resultText(now)}</p>
        )}
        {isDone && <Rest letter={letter} onClose={onClose} />}
        {typeof now === 'object' && !isDone && <Ways letter={letter} isBusy={false} onClose={onClose} />}
      </div>
    </Dialog>
  )
}

function resultText({ outcome, host, status = 0, said = '' }: Left): string {
  const words = t().letter
  if (outcome === 'unreachable') return words.leaveUnreachable(host)
  const text = outcome === 'done' ? words.leaveDone(host) : words.leaveRefused(host, status)
  return said.trim() === '' ? text : `${text} ${words.theySay(said.trim())}`
}

type WaysProps = {
  readonly letter: Letter
  readonly isBusy: boolean
  /** Absent where it was tried already */
  readonly onLeave?: () => void
  readonly onClose: () => void
}

function Ways({ letter, isBusy, onLeave, onClose }: WaysProps) {
  const { user } = useMail()
  const words = t().letter
  const ways = waysOut(letter, user.authservIds ?? [])
  const byMail = ways?.mail === undefined ? undefined : letterOf(ways.mail)
  const page = ways?.page === undefined ? undefined : readLink(ways.page)
  const write = writing.value
  return (
    <>
      {ways?.oneClick && onLeave && (
        <section>
          <p>{words.leaveByClick(new URL(ways.oneClick.url).hostname, ways.oneClick.signedBy)}</p>
          <Button kind="primary" disabled={isBusy} onClick={onLeave}>
            {isBusy ? words.leaving : words.leave}
          </Button>
        </section>
      )}
      {byMail && write && (
        <section>
          <p>{words.leaveByMail(byMail.to)}</p>
          <Button
            icon="compose"
            onClick={() => {
              onClose()
              write.start({
                kind: 'new',
                to: [{ name: null, email: byMail.to }],
                subject: byMail.subject,
                text: byMail.text,
                about: letter,
              })
            }}
          >
            {words.writeIt}
          </Button>
        </section>
      )}
      {page && (
        <section>
          <p>{words.leaveByPage(new URL(page.href).hostname)}</p>
          <a class="button plain" href={page.href} target="_blank" rel="noopener noreferrer nofollow">
            {words.openPage}
          </a>
        </section>
      )}
    </>
  )
}

/** What the list has sent so far may go too. */
function Rest({ letter, onClose }: { readonly letter: Letter; readonly onClose: () => void }) {
  const mail = useMail()
  const words = t().letter
  const all = (act: typeof archive) => () => {
    onClose()
    threadsOfList(mail, letter).then(
      threads => threads.length > 0 && act(mail, threads),
      () => mail.notices.failed(),
    )
  }
  return (
    <section class="leave-rest">
      <Button icon="archive" onClick={all(archive)}>
        {words.archiveList}
      </Button>
      <Button icon="trash" onClick={all(trash)}>
        {words.trashList}
      </Button>
    </section>
  )
}
