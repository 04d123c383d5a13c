/**
 * What home itself tells a sender of. NOTIFY=SUCCESS for mail that a gateway brought: whoever makes the final delivery reports it (RFC 3461
 * §5.2.3). And what a script refuses when the sender can no longer be told at once (RFC 5429 §2.1.2).
 */
import { createHash } from 'node:crypto'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { DeliveryId } from '../ids.ts'
import { asked } from '../queue/attempt.ts'
import type { QueueReport, ReportedRecipient } from '../queue/report.ts'

/**
 * One report on all that were delivered and wanted to be told of; undefined when there are none. The same delivery, repeated, makes
 * the same report: the queue takes it once.
 */
export function successReport(message: ReportedMessage & { readonly outcomes: Outcomes }): QueueReport | undefined {
  return reportOf(
    'delivered',
    message,
    message.outcomes.map(one => (one.result.status === 'delivered' ? one : undefined)),
  )
}

/** `refused`: in the place of each recipient what the sender is told, undefined where there is nothing to tell. */
export function refusalReport(
  message: ReportedMessage,
  refused: readonly (Outcomes[number] | undefined)[],
): QueueReport | undefined {
  return reportOf('failed', message, refused)
}

export type ReportedMessage = {
  readonly id: DeliveryId
  readonly envelope: Envelope
  readonly received: MessageSource
  /** Of the octets as received */
  readonly hash: Uint8Array
  /** Milliseconds since 1970 */
  readonly at: number
}
export type Outcomes = readonly { readonly recipient: EnvelopeRecipient; readonly result: RecipientResult }[]

function reportOf(
  kind: 'delivered' | 'failed',
  { id, envelope, hash, received, at }: ReportedMessage,
  outcomes: readonly (Outcomes[number] | undefined)[],
): QueueReport | undefined {
  const told = outcomes.flatMap((outcome, position): ReportedRecipient[] =>
    outcome && asked(outcome.recipient, kind) ? [{ position, ...outcome, attempts: 1, expired: false }] : [],
  )
  if (told.length === 0 || envelope.reversePath === '') return undefined
  return {
    kind,
    group: groupOf(hash, told),
    message: { id, envelope, facts: '', trace: emptyBytes, received, whole: received, receivedAt: at, confirmed: true },
    recipients: told,
    expiresAt: at,
  }
}

/**
 * Recipients that were deferred come again under the same id, and their report is another one. So is that of another message: a gateway
 * that was set up anew counts its ids from the beginning again.
 */
function groupOf(hash: Uint8Array, told: readonly ReportedRecipient[]): number {
  const addresses = told.map(({ recipient }) => recipient.address)
  return createHash('sha256')
    .update(hash)
    .update(utf8(addresses.join('\n')))
    .digest()
    .readUIntBE(0, 6)
}
