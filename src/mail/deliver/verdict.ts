import type { RecipientResult } from '#formats/envelope.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { LocalResult } from '../delivery.ts'
import type { DeliveryId } from '../ids.ts'
import { replyWhenQueueFails } from '../receive/hold.ts'

export const overQuota = smtpReply(452, '4.2.2', 'Mailbox full')
export const diskFull = smtpReply(452, '4.3.1', 'Insufficient system storage')

export type TargetOutcome = LocalResult | { readonly status: 'error'; readonly error: unknown }

/** One recipient's verdict out of those of the accounts behind it: a yes only when all have it. */
export function targetVerdict(outcomes: readonly TargetOutcome[], recipient: string, id: DeliveryId): RecipientResult {
  const failure = outcomes.find(outcome => outcome.status === 'error')
  if (failure) return { status: 'deferred', reply: replyWhenQueueFails(failure.error) }
  if (outcomes.some(outcome => outcome.status === 'over-quota')) return { status: 'deferred', reply: overQuota }
  return { status: 'delivered', reply: smtpReply(250, '2.0.0', `<${recipient}> ${id} Saved`) }
}
