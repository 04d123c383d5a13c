/** Letters that the server holds: until when, and back to being drafts. RFC 4865, RFC 8621 §7 */
import type { Id } from '#protocols/jmap/wire.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { CompositionParts } from './composition.ts'

export type SentLetter = { readonly emailId: Id; readonly submissionId: Id }

/** False: it has left already. Otherwise it is a draft again. */
export async function takeBack(
  { submissionId }: Pick<SentLetter, 'submissionId'>,
  { client, mailboxes, sync }: Pick<CompositionParts, 'client' | 'mailboxes' | 'sync'>,
): Promise<boolean> {
  const calls = client.batch()
  const cancel = calls.call('EmailSubmission/set', {
    update: { [submissionId]: { undoStatus: 'canceled' } },
    onSuccessUpdateEmail: { [submissionId]: draftUpdate(mailboxes) },
  })
  if ((await client.send(calls)).of(cancel).notUpdated?.[submissionId]) return false
  sync.now().catch(() => undefined)
  return true
}

function draftUpdate(mailboxes: Mailboxes): object {
  const [drafts, sent] = [mailboxes.role('drafts')?.id, mailboxes.role('sent')?.id]
  return {
    'keywords/$draft': true,
    ...(drafts !== undefined && { [`mailboxIds/${drafts}`]: true }),
    ...(sent !== undefined && { [`mailboxIds/${sent}`]: null }),
  }
}

/** RFC 4865, as parameters of RFC 8621 §7 */
export function holdParameters(
  holdSeconds: number | undefined,
  at: Date | undefined,
): Readonly<Record<string, string>> | null {
  if (at) return { HOLDUNTIL: utcTime(at) }
  return holdSeconds === undefined ? null : { HOLDFOR: String(holdSeconds) }
}

/** As JMAP's UTCDate. RFC 8620 §1.4 */
export function utcTime(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '')
}
