/** What was submitted (RFC 8621 §7): a record in the account, and what the outbound queue knows of it now. */
import { createHash } from 'node:crypto'
import { printReply } from '#formats/smtp-reply.ts'
import type { QueueEntry, QueueRecipient } from '#mail/queue/queue.ts'
import type { Sending } from '../sending.ts'
import type { DeliveryStatus, EmailSubmission, SubmissionEnvelope } from '../wire.ts'

export const submissionKind = 'EmailSubmission'

export type KeptSubmission = {
  readonly identityId: string
  readonly emailId: string
  readonly threadId: string
  readonly envelope: SubmissionEnvelope
  /** Milliseconds since 1970 */
  readonly sendAt: number
  /** In the outbound queue */
  readonly delivery: string
  readonly canceled: boolean
}

/** One for each entry of the queue: a client that asks again because it got no answer gets the same. */
export function submissionId(delivery: string): string {
  return `S${createHash('sha256').update(delivery).digest('hex').slice(0, 24)}`
}

export function keptIn(row: { readonly value: string }): KeptSubmission {
  return JSON.parse(row.value) as KeptSubmission
}

export async function shownSubmission(id: string, kept: KeptSubmission, { queue }: Sending): Promise<EmailSubmission> {
  const entry = kept.canceled ? undefined : await queue.show(kept.delivery)
  const { identityId, emailId, threadId, envelope, sendAt } = kept
  return {
    id,
    identityId,
    emailId,
    threadId,
    envelope,
    sendAt: new Date(sendAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    undoStatus: kept.canceled ? 'canceled' : entry && isUntouched(entry) ? 'pending' : 'final',
    deliveryStatus: kept.canceled ? null : statusOf(kept, entry),
    dsnBlobIds: [],
    mdnBlobIds: [],
  }
}

/** Nobody has been told of it yet. */
export function isUntouched({ recipients }: QueueEntry): boolean {
  return recipients.every(({ state, attempts }) => attempts === 0 && (state === 'waiting' || state === 'held'))
}

/** What has left the queue may have arrived or come back as a report: nothing else is known of it. */
function statusOf(
  { delivery, envelope }: KeptSubmission,
  entry: QueueEntry | undefined,
): { readonly [address: string]: DeliveryStatus } {
  const queued = `250 2.0.0 Queued as ${delivery}`
  const statuses: Record<string, DeliveryStatus> = {}
  for (const { email } of envelope.rcptTo)
    statuses[email] = { smtpReply: queued, delivered: 'unknown', displayed: 'unknown' }
  for (const recipient of entry?.recipients ?? [])
    statuses[recipient.address] = {
      smtpReply: recipient.last ? printReply(recipient.last.reply) : queued,
      delivered: deliveredOf(recipient),
      displayed: 'unknown',
    }
  return statuses
}

function deliveredOf({ state }: QueueRecipient): DeliveryStatus['delivered'] {
  switch (state) {
    case 'waiting':
    case 'trying':
    case 'held':
      return 'queued'
    case 'failed':
      return 'no'
    case 'delivered':
      return 'unknown'
    default:
      return state satisfies never
  }
}

/** True: nobody gets it. It is stopped first, so that no attempt begins while we look. */
export async function cancel(delivery: string, { queue }: Sending): Promise<boolean> {
  const before = await queue.show(delivery)
  if (!before || !isUntouched(before)) return false
  const wasHeld = before.recipients.every(({ state }) => state === 'held')
  await queue.hold(delivery)
  const stopped = await queue.show(delivery)
  if (stopped && isUntouched(stopped) && stopped.recipients.every(({ state }) => state === 'held'))
    return await queue.remove(delivery)
  if (!wasHeld) await queue.release(delivery)
  return false
}
