/** What was submitted (RFC 8621 §7): a record in the account, and what the outbound queue knows of it now. */
import { createHash } from 'node:crypto'
import { canonicalAddress } from '#formats/address/address.ts'
import { printReply } from '#formats/smtp-reply.ts'
import type { QueueChange, QueueEntry, QueueRecipient } from '#mail/queue/queue.ts'
import type { ReportRow } from '#mail/account-reader.ts'
import { printLetterBlobId } from '../blob/id.ts'
import type { Sending } from '../sending.ts'
import type { DeliveryStatus, EmailSubmission, SubmissionEnvelope } from '../wire-sending.ts'
import { reportedStatus } from './reports.ts'

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
  /** Of the letter, without angle brackets; absent in records of earlier releases */
  readonly messageId?: string
  readonly canceled: boolean
  /** What the queue said of it last; absent in records of earlier releases */
  readonly status?: KeptStatus
  /** Emails that report on it (reports.ts) */
  readonly reports?: readonly number[]
}

export type KeptStatus = {
  readonly undoStatus: 'pending' | 'final'
  readonly deliveryStatus: { readonly [address: string]: DeliveryStatus }
  /** It has left the queue */
  readonly over: boolean
}

/** One for each entry of the queue: a client that asks again because it got no answer gets the same. */
export function submissionId(delivery: string): string {
  return `S${createHash('sha256').update(delivery).digest('hex').slice(0, 24)}`
}

export function keptIn(row: { readonly value: string }): KeptSubmission {
  return JSON.parse(row.value) as KeptSubmission
}

/** As the record has it: what the queue says now, and what came back, is noticed before (status.ts). `reports`: those that it names */
export function shownSubmission(id: string, kept: KeptSubmission, reports: readonly ReportRow[]): EmailSubmission {
  const { identityId, emailId, threadId, envelope, sendAt, status = unknownStatus(kept) } = kept
  return {
    id,
    identityId,
    emailId,
    threadId,
    envelope,
    sendAt: new Date(sendAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    undoStatus: kept.canceled ? 'canceled' : status.undoStatus,
    deliveryStatus: kept.canceled
      ? null
      : reportedStatus({ deliveryStatus: status.deliveryStatus, reports, rcptTo: envelope.rcptTo }),
    dsnBlobIds: blobIds(reports, 'dsn'),
    mdnBlobIds: blobIds(reports, 'mdn'),
  }
}

function blobIds(reports: readonly ReportRow[], kind: ReportRow['kind']): readonly string[] {
  return reports.filter(report => report.kind === kind).map(({ email }) => printLetterBlobId(email))
}

/** Nobody has been told of it yet. */
export function isUntouched({ recipients }: QueueEntry): boolean {
  return recipients.every(({ state, attempts }) => attempts === 0 && (state === 'waiting' || state === 'held'))
}

function unknownStatus({ delivery, envelope }: KeptSubmission): KeptStatus {
  const one: DeliveryStatus = {
    smtpReply: `250 2.0.0 Queued as ${delivery}`,
    delivered: 'unknown',
    displayed: 'unknown',
  }
  const deliveryStatus = Object.fromEntries(envelope.rcptTo.map(({ email }) => [email, one]))
  return { undoStatus: 'final', deliveryStatus, over: true }
}

/** Of what has left the queue the last words stay; it may have arrived, or come back as a report. */
export function statusOf(
  kept: KeptSubmission,
  entry: QueueEntry | undefined,
  results: QueueChange['results'] = [],
): KeptStatus {
  const statuses: Record<string, DeliveryStatus> = {}
  const before = kept.status ?? unknownStatus(kept)
  for (const { email } of kept.envelope.rcptTo) {
    const canonical = canonicalAddress(email)
    const isOwn = ({ address }: { readonly address: string }) => canonicalAddress(address) === canonical
    const known = before.deliveryStatus[email] ?? unknownStatus(kept).deliveryStatus[email]
    const now = entry?.recipients.find(isOwn)
    const result = results.findLast(isOwn)
    const reply = result?.result?.reply ?? now?.last?.reply
    const state = now?.state ?? result?.state
    if (known)
      statuses[email] = {
        ...known,
        ...(reply && { smtpReply: printReply(reply) }),
        delivered: state === undefined ? afterwards(known.delivered) : deliveredOf(state),
      }
  }
  return {
    undoStatus: entry && isUntouched(entry) ? 'pending' : 'final',
    deliveryStatus: statuses,
    over: entry === undefined,
  }
}

/** It is in the queue no more. */
function afterwards(delivered: DeliveryStatus['delivered']): DeliveryStatus['delivered'] {
  return delivered === 'queued' ? 'unknown' : delivered
}

function deliveredOf(state: QueueRecipient['state']): DeliveryStatus['delivered'] {
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
export async function cancel(delivery: string, { queue }: Pick<Sending, 'queue'>): Promise<boolean> {
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
