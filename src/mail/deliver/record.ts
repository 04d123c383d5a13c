/** What home does with each recipient, for the trace. */
import type { RecipientResult } from '#formats/envelope.ts'
import { printReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { authenticityDetail } from '../authenticity/policy.ts'
import type { EventKind, MailEvent } from '../events.ts'
import type { Accepted, Arrived, Transaction } from './arrived.ts'
import type { TargetOutcome } from './verdict.ts'

export function recordResult(
  transaction: Transaction,
  arrived: Arrived,
  { recipient }: Accepted,
  { status, reply }: RecipientResult,
  outcomes: readonly TargetOutcome[],
): void {
  const { attempt, messageId, received } = arrived
  const repeated = outcomes.length > 0 && outcomes.every(one => one.status === 'stored' && one.repeated)
  const stored = repeated ? 'repeated' : 'delivered'
  const kinds = { delivered: stored, deferred: 'attempt-deferred', failed: 'attempt-failed' } as const
  const filed = outcomes.find(one => 'filedAs' in one)
  const filing = status === 'delivered' && !repeated && filed && 'filedAs' in filed ? filed.filedAs : undefined
  const taken = tookIn(transaction, arrived)
  record(transaction, kinds[status], recipient.address, reply, {
    ...((filing ?? taken) && { detail: { ...filing, ...taken } }),
    delivery: attempt.id,
    sizeBytes: received.sizeBytes,
    messageId,
  })
}

/** What another box told with the letter: known here also while that box is away. */
function tookIn({ peer }: Transaction, { facts }: Arrived): MailEvent['detail'] {
  if (!facts || !peer.session) return undefined
  const { attempt, clientAddress, held, helo, receivedAt, tls, verdicts } = facts
  return {
    takenInBy: attempt.origin,
    takenInAt: receivedAt,
    sender: clientAddress,
    helo,
    ...(tls !== undefined && { senderTls: tls }),
    ...(held && { held }),
    ...(verdicts?.authenticity && authenticityDetail(verdicts.authenticity)),
  }
}

export function record(
  { envelope, parts, peer }: Transaction,
  kind: EventKind,
  to: string,
  reply: SmtpReply,
  more: Pick<MailEvent, 'delivery' | 'messageId' | 'sizeBytes' | 'detail'> = {},
): void {
  const { clock, events } = parts
  const { session } = peer
  events.record({
    at: clock.now(),
    kind,
    session: session?.id,
    client: session?.clientAddress,
    from: envelope.reversePath,
    to,
    reply: printReply(reply),
    ...more,
  })
}
