/** What a submission server may and must change. RFC 6409 §8 */
import { concatBytes } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { inspectForSubmission } from '#formats/message/inspect-submission.ts'
import { dateField, messageId, messageIdField } from '#formats/message/trace-fields.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { maxHeaderScanBytes } from '../receive/limits.ts'
import { withoutRanges } from '../receive/cut-source.ts'
import { headerOf, messageIdIn } from '../receive/header-of.ts'

export type FixedUp = {
  /** Date and Message-ID where they were missing */
  readonly added: Uint8Array
  /** Without Bcc */
  readonly message: MessageSource
  /** Its Message-ID, given or made here, without angle brackets */
  readonly messageId: string
  /** Whoever the message says it is from: addresses of From and Sender */
  readonly authors: readonly string[]
}

/** A reply when the header is not fit to be sent. `now` in milliseconds since 1970. */
export async function fixUp(source: MessageSource, hostname: string, now: number): Promise<FixedUp | SmtpReply> {
  const header = await headerOf(source)
  // What lies beyond is not looked at: a second From, a Bcc
  if (header.length >= maxHeaderScanBytes) return smtpReply(554, '5.6.0', 'The header is too long')
  const inspected = inspectForSubmission(header)
  if (inspected.missing.includes('from') || inspected.from.length === 0)
    return smtpReply(554, '5.6.0', 'The message has no From address')
  const [twice] = inspected.multiple
  // RFC 5322 §3.6; two From fields let one be checked and the other be shown
  if (twice !== undefined) return smtpReply(554, '5.6.0', `The message has more than one ${twice} field`)
  const added: Uint8Array[] = []
  if (inspected.missing.includes('date')) added.push(dateField(now))
  const made = messageId(hostname)
  if (inspected.missing.includes('message-id')) added.push(messageIdField(made))
  return {
    added: concatBytes(added),
    messageId: messageIdIn(header) ?? made.slice(1, -1),
    message: await withoutRanges(source, inspected.bcc),
    authors: [...inspected.from, ...inspected.sender, ...inspected.stray],
  }
}
