/**
 * Who is told of what became of a message, and the message that tells it. A report goes to the reverse-path, never for a null
 * one; NOTIFY was obeyed when the report came about. Its id follows from the entry, so that a crash never doubles it.
 */
import { asciiText, concatBytes, emptyBytes } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { Language, Text } from '#base/text.ts'
import type { EnvelopeRecipient } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { printReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { composeDsn, hasCleanLines } from '#formats/dsn/compose-dsn.ts'
import type { DeliveryStatus, RecipientStatus, TypedAddress } from '#formats/dsn/delivery-status.ts'
import type { DsnKind } from '#formats/dsn/dsn-text.ts'
import { maxDiagnosticCharacters, maxReturnedBytes, maxReturnedHeaderBytes } from '#formats/dsn/limits.ts'
import type { DeliveryId } from '../ids.ts'
import type { Events } from '../events.ts'
import type { NewEntry, Queue } from './queue.ts'
import { causeOf, causeTexts } from './reply-cause.ts'
import type { QueueReport, ReportedRecipient } from './report.ts'

export type DsnOptions = {
  /** Host name of this box */
  readonly reportingMta: string
  /** `postmaster@…`: From of the report */
  readonly from: string
  /** Both when absent: nobody knows what the sender reads */
  readonly languages?: readonly Language[]
  /** Recipients whose mailbox is ours: `delivered`, where others are `relayed`. None when absent */
  readonly isFinal?: (address: string) => boolean
  /** Milliseconds since 1970 */
  readonly now: number
  /** How long the report itself is tried */
  readonly lifetimeMs: number
}

/** The report as a new entry for an outbound queue; undefined when nobody may be told. Adding it twice is harmless. */
export async function dsnFor(report: QueueReport, options: DsnOptions): Promise<NewEntry | undefined> {
  const { message, kind, group } = report
  const { reversePath } = message.envelope
  const to = addresseeOf(report, options)
  if (to === undefined) return undefined
  const id = `${message.id}.dsn.${kind}.${group}`
  const header = await headerOf(message.received)
  const inReplyTo = messageIdIn(header)
  const dsn = composeDsn({
    kind: dsnKind(report, options),
    status: statusOf(report, options),
    expired: report.recipients.map(recipient => recipient.expired),
    reasons: report.recipients.map(({ result }) => reasonOf(result)),
    from: options.from,
    to,
    date: options.now,
    messageId: `${id}@${options.reportingMta}`,
    languages: options.languages ?? ['en', 'ja'],
    returned: await returnedOf(report, header),
    smtpUtf8: message.envelope.smtpUtf8,
    ...(inReplyTo !== undefined && { inReplyTo }),
  })
  const recipients: EnvelopeRecipient[] = [{ address: to }]
  return {
    id: id as DeliveryId,
    envelope: {
      reversePath: '',
      recipients,
      body: dsn.body,
      smtpUtf8: dsn.smtpUtf8,
      ...(message.envelope.requireTls && { requireTls: true }),
    },
    trace: emptyBytes,
    message: memorySource(dsn.bytes),
    facts: JSON.stringify({ dsnOf: message.id, ...(reversePath === '' && { doubleBounce: true }) }),
    fingerprint: emptyBytes,
    receivedAt: options.now,
    expiresAt: options.now + options.lifetimeMs,
  }
}

/**
 * Who is told: the sender. A report never answers a report (RFC 5321 §6.1, RFC 3461 §6.1), but when one of ours cannot reach one of our
 * people, the postmaster of that domain hears of it, once.
 */
function addresseeOf({ message, kind, recipients }: QueueReport, { isFinal }: DsnOptions): string | undefined {
  const { reversePath } = message.envelope
  if (reversePath !== '') return reversePath
  const { dsnOf, doubleBounce } = JSON.parse(message.facts) as { dsnOf?: string; doubleBounce?: boolean }
  const [first] = recipients
  if (kind !== 'failed' || dsnOf === undefined || doubleBounce || !first) return undefined
  const { address } = first.recipient
  const postmaster = `postmaster${address.slice(address.lastIndexOf('@'))}`
  return isFinal?.(address) && address.toLowerCase() !== postmaster.toLowerCase() ? postmaster : undefined
}

/**
 * A `report` hook that puts reports into a queue. The queue may not be open yet when the first report is due: then, as after any
 * failure, the hook is called again.
 */
export function reportInto(
  queue: () => Queue | undefined,
  options: Omit<DsnOptions, 'now'> & { readonly clock: Clock; readonly events: Events },
): (report: QueueReport) => Promise<void> {
  const { clock, events } = options
  return async report => {
    const entry = await dsnFor(report, { ...options, now: clock.now() })
    if (!entry) return
    const into = queue()
    if (!into) throw new Error('The queue for reports is not open yet')
    if ((await into.add(entry)) === 'exists') return
    const to = entry.envelope.recipients[0]?.address
    events.record({
      at: clock.now(),
      kind: 'dsn-made',
      delivery: report.message.id,
      to,
      detail: { dsn: entry.id, about: report.kind },
    })
  }
}

/** To the sender a success of ours is `relayed` when it left for a system that gives no report. RFC 3461 §5.2.2 */
function dsnKind({ kind, recipients }: QueueReport, { isFinal }: DsnOptions): DsnKind {
  if (kind !== 'delivered') return kind
  return isFinal && recipients.every(({ recipient }) => isFinal(recipient.address)) ? 'delivered' : 'relayed'
}

function statusOf(report: QueueReport, options: DsnOptions): DeliveryStatus {
  const { message, recipients } = report
  const { dsnEnvelopeId } = message.envelope
  return {
    reportingMta: options.reportingMta,
    ...(dsnEnvelopeId !== undefined && { originalEnvelopeId: dsnEnvelopeId }),
    arrivedAt: message.receivedAt,
    recipients: recipients.map(recipient => recipientStatus(report, recipient, options)),
  }
}

function recipientStatus(report: QueueReport, reported: ReportedRecipient, options: DsnOptions): RecipientStatus {
  const { recipient, result, expired } = reported
  const original = originalRecipient(recipient.originalRecipient)
  return {
    ...(original && { originalRecipient: original }),
    finalRecipient: typedAddress(recipient.address),
    action: dsnKind(report, options),
    status: expired ? '4.4.7' : statusCode(report.kind, result?.reply),
    ...(result && {
      diagnostic: printReply(result.reply).slice(0, maxDiagnosticCharacters),
      lastAttemptAt: options.now,
    }),
    ...(result?.remote !== undefined && { remoteMta: result.remote }),
    ...(report.kind === 'delayed' && { willRetryUntil: report.expiresAt }),
    finalLogId: report.message.id,
  }
}

function reasonOf(result: ReportedRecipient['result']): Text | undefined {
  const cause = result && causeOf(result.reply)
  return cause && causeTexts[cause]
}

/** The class must fit the action (RFC 3464 §2.3.4), whatever the remote's enhanced code says. */
function statusCode(kind: QueueReport['kind'], reply: SmtpReply | undefined): string {
  const statusClass = { failed: '5', delayed: '4', delivered: '2' }[kind]
  const enhanced = reply?.enhanced
  return enhanced?.startsWith(`${statusClass}.`) ? enhanced : `${statusClass}.0.0`
}

function originalRecipient(orcpt: string | undefined): TypedAddress | undefined {
  const semicolon = orcpt?.indexOf(';') ?? -1
  if (orcpt === undefined || semicolon < 1) return undefined
  return { type: orcpt.slice(0, semicolon).toLowerCase(), address: orcpt.slice(semicolon + 1).trim() }
}

function typedAddress(address: string): TypedAddress {
  return { type: /[^\0-\x7f]/.test(address) ? 'utf-8' : 'rfc822', address }
}

/** RET=FULL counts for failures only (RFC 3461 §4.3); otherwise, and when it is too large or unfit, the header. */
async function returnedOf(
  { kind, message }: QueueReport,
  header: Uint8Array,
): Promise<{ readonly kind: 'header' | 'message'; readonly bytes: Uint8Array }> {
  // RFC 8689 §5: what must be kept from others' eyes is not sent back whole
  const full = kind === 'failed' && message.envelope.dsnReturn === 'FULL' && !message.envelope.requireTls
  if (!full || message.received.sizeBytes > maxReturnedBytes) return { kind: 'header', bytes: header }
  const bytes = await firstBytes(message.received, maxReturnedBytes)
  return hasCleanLines(bytes) ? { kind: 'message', bytes } : { kind: 'header', bytes: header }
}

/** Up to and without the empty line; cut at a line end when it is very long. */
async function headerOf(message: MessageSource): Promise<Uint8Array> {
  const start = Buffer.from(await firstBytes(message, maxReturnedHeaderBytes))
  const end = start.indexOf('\r\n\r\n')
  if (end >= 0) return start.subarray(0, end + 2)
  const lastLine = start.lastIndexOf('\r\n')
  return lastLine < 0 ? emptyBytes : start.subarray(0, lastLine + 2)
}

async function firstBytes(message: MessageSource, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [emptyBytes]
  let length = 0
  for await (const chunk of message.open()) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxBytes) break
  }
  return concatBytes(chunks).subarray(0, maxBytes)
}

/** Without angle brackets; only what may stand in a header field of ours. */
function messageIdIn(header: Uint8Array): string | undefined {
  return /^message-id:\s*<([!-;=?-~]{3,250})>/im.exec(asciiText(header))?.[1]
}
