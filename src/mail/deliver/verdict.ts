import type { RecipientResult } from '#formats/envelope.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { LocalResult } from '../delivery.ts'
import type { DeliveryId } from '../ids.ts'
import { replyWhenQueueFails } from '../receive/hold.ts'
import type { FiledAs } from './filed-as.ts'

export const overQuota = smtpReply(452, '4.2.2', 'Mailbox full')
export const diskFull = smtpReply(452, '4.3.1', 'Insufficient system storage')

export type TargetOutcome =
  /** `toldLater`: the script said no when nobody could be refused any more, and a report says so */
  | (LocalResult & { readonly toldLater?: SmtpReply; readonly filedAs?: FiledAs })
  | { readonly status: 'error'; readonly error: unknown }
  | { readonly status: 'refused'; readonly reply: SmtpReply }
  /** On its way out again */
  | { readonly status: 'forwarded' }
  /** Its content could not be judged, and is not taken unjudged */
  | { readonly status: 'try-later' }

const notJudged = smtpReply(451, '4.7.1', 'This message could not be checked right now, please try again later')

/** One recipient's verdict out of those of the accounts behind it: a yes only when all have it. */
export function targetVerdict(outcomes: readonly TargetOutcome[], recipient: string, id: DeliveryId): RecipientResult {
  const failure = outcomes.find(outcome => outcome.status === 'error')
  if (failure) return { status: 'deferred', reply: replyWhenQueueFails(failure.error) }
  if (outcomes.some(outcome => outcome.status === 'over-quota')) return { status: 'deferred', reply: overQuota }
  if (outcomes.some(outcome => outcome.status === 'try-later')) return { status: 'deferred', reply: notJudged }
  // Refused is only what has one account behind its name; an alias may have got another since
  const [first] = outcomes
  if (outcomes.every(isRefused) && first && isRefused(first)) return { status: 'failed', reply: first.reply }
  return { status: 'delivered', reply: smtpReply(250, '2.0.0', `<${recipient}> ${id} Saved`) }
}

type Refused = Extract<TargetOutcome, { readonly status: 'refused' | 'rejected' }>

function isRefused(outcome: TargetOutcome): outcome is Refused {
  return outcome.status === 'refused' || outcome.status === 'rejected'
}
