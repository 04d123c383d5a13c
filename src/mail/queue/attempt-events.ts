import { askedServer, type EventKind, type Events } from '../events.ts'
import { printReply } from '#formats/smtp-reply.ts'
import type { Attempted } from './pump.ts'
import type { QueueEntry } from './queue.ts'

/** One event a recipient: what became of it, in the words of whoever decided. */
export function recordAttempt(events: Events, queue: 'hold' | 'outbound', at: number, attempted: Attempted): void {
  const { attempts, message, nextAttemptAt, results } = attempted
  for (const { recipient, result, state } of results)
    events.record({
      at,
      kind: kindOf(queue, state, result?.status),
      delivery: message.id,
      from: message.envelope.reversePath,
      to: recipient.address,
      sizeBytes: message.whole.sizeBytes,
      ...(result ? { reply: printReply(result.reply) } : {}),
      detail: {
        queue,
        ...(result && askedServer(result)),
        ...(attempts > 0 && { attempts }),
        ...(state === 'waiting' && nextAttemptAt !== undefined && { next: nextAttemptAt }),
      },
    })
}

/** Who had not got it yet will not: the trace must not end with a retry that never comes. */
export function recordRemoval(events: Events, queue: 'hold' | 'outbound', at: number, entry: QueueEntry): void {
  for (const { address, state } of entry.recipients)
    if (state === 'waiting' || state === 'held')
      events.record({
        at,
        kind: 'removed',
        delivery: entry.id,
        from: entry.reversePath,
        to: address,
        sizeBytes: entry.sizeBytes,
        detail: { queue },
      })
}

function kindOf(queue: 'hold' | 'outbound', state: string, status: string | undefined): EventKind {
  if (state === 'delivered') return queue === 'hold' ? 'passed-on' : 'sent'
  if (state === 'failed') return status === 'failed' ? 'attempt-failed' : 'expired'
  return 'attempt-deferred'
}
