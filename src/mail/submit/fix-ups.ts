/** What a submission server may and must change. RFC 6409 §8 */
import { concatBytes, ownBytes, utf8 } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { inspectForSubmission } from '#formats/message/inspect-submission.ts'
import type { ByteRange } from '#formats/message/parts.ts'
import { dateField, messageId, messageIdField } from '#formats/message/trace-fields.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { maxHeaderScanBytes } from '../receive/limits.ts'
import { withoutRanges } from '../receive/cut-source.ts'
import { hasTooManyLines, headerOf, messageIdIn } from '../receive/header-of.ts'

export type FixedUp = {
  /** Date and Message-ID where they were missing */
  readonly added: Uint8Array
  /** Without Bcc */
  readonly message: MessageSource
  /** The Bcc fields with their line ends, for whoever wrote them and nobody else */
  readonly bcc: Uint8Array
  /** Its Message-ID, given or made here, without angle brackets */
  readonly messageId: string
  /** Whoever the message says it is from: addresses of From and Sender */
  readonly authors: readonly string[]
}

/** A reply when the header is not fit to be sent. `now` in milliseconds since 1970. */
export async function fixUp(source: MessageSource, hostname: string, now: number): Promise<FixedUp | SmtpReply> {
  const header = await headerOf(source)
  // What lies beyond is not looked at: a second From, a Bcc
  if (header.length >= maxHeaderScanBytes || hasTooManyLines(header))
    return smtpReply(554, '5.6.0', 'The header is too long')
  // A field that only those see who do not see the NUL in its name: a second From
  if (header.includes(0)) return smtpReply(554, '5.6.0', 'The header holds a NUL')
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
    bcc: fieldsAt(header, inspected.bcc),
    authors: [...inspected.from, ...inspected.sender, ...inspected.stray],
  }
}

/** A copy of these fields. One that ends the message without a line end gets it. */
function fieldsAt(header: Uint8Array, ranges: readonly ByteRange[]): Uint8Array {
  const fields = ranges.map(({ offset, length }) => header.subarray(offset, offset + length))
  const open = fields.length > 0 && fields.at(-1)?.at(-1) !== 0x0a
  return ownBytes(concatBytes([...fields, ...(open ? [utf8('\r\n')] : [])]))
}
