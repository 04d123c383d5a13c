/** The fields we put before a message, and the forged ones we take out of it. "Stored = our block + the bytes as received." */
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { headerLength, parseHeader, unfold } from '#formats/message/header.ts'
import type { DeliveryFacts } from './downstream.ts'
import type { DeliveryId } from './ids.ts'
import { readHead, withoutRanges } from './receive/cut-source.ts'
import { maxHeaderScanBytes } from './receive/limits.ts'
import type { SessionFacts } from './receiving.ts'

/** The gateway's own Received. RFC 5321 §4.4; protocol names RFC 3848, RFC 6531 §4.3 */
export function gatewayTrace(session: SessionFacts, facts: DeliveryFacts, hostname: string, envelope: Envelope): Uint8Array {
  return receivedField({
    helo: facts.helo,
    clientAddress: facts.clientAddress,
    by: hostname,
    protocol: `${envelope.smtpUtf8 ? 'UTF8SMTP' : 'ESMTP'}${session.tls ? 'S' : ''}`,
    id: facts.attempt.id,
    at: facts.receivedAt,
  })
}

/** What home puts before all: Return-Path, the loop marker, Received. RFC 5321 §4.4 */
export function homeTrace(block: {
  readonly reversePath: string
  readonly recipient: string
  /** Undefined within one process */
  readonly from?: { readonly helo: string; readonly clientAddress: string }
  readonly hostname: string
  readonly protocol: string
  readonly id: DeliveryId
  readonly at: number
}): Uint8Array {
  const marks = `Return-Path: <${block.reversePath}>\r\nDelivered-To: ${block.recipient}\r\n`
  return concatBytes([utf8(marks), receivedField({ ...block, ...block.from, by: block.hostname, for: block.recipient })])
}

/** Of a message that a person hands in: the client's address stays between us. */
export function submissionTrace(session: SessionFacts, hostname: string, id: DeliveryId, at: number): Uint8Array {
  return receivedField({ by: hostname, protocol: `ESMTP${session.tls ? 'S' : ''}A`, id, at })
}

type ReceivedParts = {
  readonly helo?: string
  readonly clientAddress?: string
  readonly by: string
  readonly protocol: string
  readonly id: string
  readonly for?: string
  readonly at: number
}

function receivedField(parts: ReceivedParts): Uint8Array {
  const from = parts.clientAddress === undefined ? '' : `from ${heloWord(parts.helo)} (${literal(parts.clientAddress)})\r\n\t`
  const whom = parts.for === undefined ? '' : `\r\n\tfor <${parts.for}>`
  return utf8(`Received: ${from}by ${parts.by} with ${parts.protocol} id ${parts.id}${whom};\r\n\t${dateTime(parts.at)}\r\n`)
}

/** A stranger's word: nothing in it may end the field, open a comment or pass for ours. */
function heloWord(helo: string | undefined): string {
  return helo !== undefined && /^(?:[A-Za-z0-9._-]{1,255}|\[[A-Za-z0-9.:]{1,64}\])$/.test(helo) ? helo : 'unknown'
}

function literal(address: string): string {
  const plain = address.replace(/[^0-9A-Za-z.:]/g, '')
  return plain.includes(':') ? `[IPv6:${plain}]` : `[${plain}]`
}

/** RFC 5322 §3.3, in UTC */
export function dateTime(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}

/** The message without Authentication-Results fields that carry one of our own authserv-ids. RFC 8601 §5 */
export async function withoutForgedResults(
  source: MessageSource,
  authservIds: readonly string[],
): Promise<MessageSource> {
  const ours = authservIds.map(id => id.toLowerCase())
  const head = await readHead(source, maxHeaderScanBytes)
  const header = head.subarray(0, headerLength(head))
  const forged = parseHeader(header)
    .filter(field => field.key === 'authentication-results')
    .filter(field => ours.includes(authservId(asciiText(unfold(header, field)))))
  return withoutRanges(
    source,
    forged.map(({ start, end }) => ({ from: start, to: end })),
  )
}

function authservId(value: string): string {
  return (value.replace(/^(?:\([^)]*\)|\s)+/, '').match(/^"?([^\s;"()]+)/)?.[1] ?? '').toLowerCase()
}
