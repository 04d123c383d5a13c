/** What the queue has to tell of a message: the role decides who is told, and how (dsn.ts makes the message). */
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { OpenedEntry } from '#store/queue/queue-store.ts'
import type { DeliveryId } from '../ids.ts'

/** One message of the queue, as an attempt or a report sees it. */
export type QueuedMessage = {
  readonly id: DeliveryId
  readonly envelope: Envelope
  readonly facts: string
  /** Our fields that go before the message */
  readonly trace: Uint8Array
  /** The bytes as received */
  readonly received: MessageSource
  /** `trace` and `received` */
  readonly whole: MessageSource
  /** Milliseconds since 1970 */
  readonly receivedAt: number
  /** The sender is known to have its 250 */
  readonly confirmed: boolean
}

export type ReportKind = 'failed' | 'delayed' | 'delivered'

export type ReportedRecipient = {
  readonly position: number
  readonly recipient: EnvelopeRecipient
  /** The last answer; undefined when no attempt was ever made */
  readonly result: RecipientResult | undefined
  readonly attempts: number
  /** `failed`: the time was over, nobody said no */
  readonly expired: boolean
}

export type QueueReport = {
  readonly kind: ReportKind
  readonly message: QueuedMessage
  /** Distinguishes reports of one kind on one message; the same after a crash */
  readonly group: number
  readonly recipients: readonly ReportedRecipient[]
  /** Milliseconds since 1970; when the queue gives up, for `delayed` */
  readonly expiresAt: number
}

export function queuedMessage(opened: OpenedEntry, isConfirmed: (id: DeliveryId) => boolean): QueuedMessage {
  const recipients = opened.recipients.map(row => JSON.parse(row.recipient) as EnvelopeRecipient)
  const envelope = { ...(JSON.parse(opened.envelope) as Omit<Envelope, 'recipients'>), recipients }
  const { facts, trace, received, receivedAt, whole } = opened
  const id = opened.id as DeliveryId
  return { id, envelope, facts, trace, received, whole, receivedAt, confirmed: isConfirmed(id) }
}

/** The reports that are due. */
export function dueReports(message: QueuedMessage, opened: OpenedEntry, expiresAt: number): readonly QueueReport[] {
  const reports = new Map<string, { kind: ReportKind; group: number; recipients: ReportedRecipient[] }>()
  for (const row of opened.recipients) {
    if (row.tell === null) continue
    const key = `${row.tell} ${row.tellGroup}`
    const report = reports.get(key) ?? { kind: row.tell, group: row.tellGroup ?? row.position, recipients: [] }
    report.recipients.push(reported(message, row))
    reports.set(key, report)
  }
  return [...reports.values()].map(report => ({ ...report, message, expiresAt }))
}

function reported(message: QueuedMessage, row: OpenedEntry['recipients'][number]): ReportedRecipient {
  const result = row.last === null ? undefined : (JSON.parse(row.last) as RecipientResult)
  const recipient = message.envelope.recipients[row.position] as EnvelopeRecipient
  const expired = row.state === 'failed' && result?.status !== 'failed'
  return { position: row.position, recipient, result, attempts: row.attempts, expired }
}
