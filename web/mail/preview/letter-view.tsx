/** A letter that is attached to a letter, shown the same safe way. Nothing of its header is believed. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import type { Client } from '../jmap/client.ts'
import { type Letter, letterProperties, maxBodyBytes, partProperties } from '../model/conversation.ts'
import { fullDate } from '../model/dates.ts'
import { nameOf } from '../model/people.ts'
import { subjectText } from '../model/plain-signs.ts'
import { language, t } from '../texts/texts.ts'
import { Attachments } from '../views/attachments.tsx'
import { LetterContent } from '../views/letter-content.tsx'
import { useMail } from '../views/mail-context.ts'
import { localeFor } from '../views/message-row.tsx'
import { useFetched } from './fetched.ts'
import { Problem, Waiting } from './states.tsx'

export function LetterView({ blobId }: { readonly blobId: string }) {
  const { client } = useMail()
  const found = useFetched(() => parse(client, blobId), [blobId])
  if (found.kind === 'loading') return <Waiting />
  if (found.kind === 'failed') return <Problem text={t().preview.failed} />
  const letter = found.value
  const words = t().reading
  const date = letter.sentAt === null ? undefined : new Date(letter.sentAt)
  return (
    <article class="viewer-paper viewer-letter">
      <h3>{subjectText(letter.subject) ?? t().list.noSubject}</h3>
      <dl>
        <People label={words.from} all={letter.from} />
        <People label={words.to} all={letter.to} />
        <People label={words.cc} all={letter.cc} />
        {date && (
          <div>
            <dt>{words.date}</dt>
            <dd>{fullDate(date, localeFor(language.value))}</dd>
          </div>
        )}
      </dl>
      <LetterContent letter={letter} isAttached />
      <Attachments letter={letter} />
    </article>
  )
}

function People({ label, all }: { readonly label: string; readonly all: readonly EmailAddress[] | null }) {
  if (!all || all.length === 0) return null
  return (
    <div>
      <dt>{label}</dt>
      <dd>{all.map(one => `${nameOf(one)} <${one.email}>`).join(', ')}</dd>
    </div>
  )
}

async function parse(client: Client, blobId: string): Promise<Letter> {
  const calls = client.batch()
  const call = calls.call('Email/parse', {
    blobIds: [blobId],
    properties: letterProperties,
    bodyProperties: partProperties,
    fetchTextBodyValues: true,
    fetchHTMLBodyValues: true,
    maxBodyValueBytes: maxBodyBytes,
  })
  const letter = (await client.send(calls)).of(call).parsed?.[blobId]
  if (!letter) throw new Error('It is no letter')
  return letter as unknown as Letter
}
