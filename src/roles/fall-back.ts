import type { RecipientResult } from '#formats/envelope.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { causeOf } from '#mail/queue/reply-cause.ts'
import { meaningOf } from '#mail/queue/reply-meaning.ts'
import type { Transport } from '#mail/transport.ts'

const noUpstream = smtpReply(451, '4.3.5', 'UP-KEY: no upstream is configured for this mail')

/**
 * Upstreams in order. The next is asked when one fails by itself: cannot be reached, is busy, refuses our login or our account. What
 * it says of the message or of a recipient stands, for now (4xx) or for good. Whoever may have taken the message (its answer was
 * lost) keeps it: a second upstream could only double it.
 */
export function firstThatAnswers(transports: readonly Transport[]): Transport {
  const [first, ...others] = transports
  if (!first) return refuseAll(noUpstream)
  return async (envelope, message, signal) => {
    const results = [...(await first(envelope, message, signal))]
    for (const next of others) {
      const open = results.flatMap((result, at) => (mayAskElsewhere(result) ? [at] : []))
      if (open.length === 0 || signal.aborted) break
      const recipients = open.flatMap(at => envelope.recipients[at] ?? [])
      const again = await next({ ...envelope, recipients }, message, signal)
      for (const [order, at] of open.entries()) results[at] = again[order] ?? results[at] ?? noAnswer
    }
    return results
  }
}

/** The failure is the upstream's own. */
function mayAskElsewhere(result: RecipientResult): boolean {
  if (result.status !== 'deferred' || result.unsure) return false
  if (result.unreached || meaningOf(result.reply)) return true
  const cause = causeOf(result.reply)
  return cause === undefined || cause === 'busy' || cause === 'slow-down' || cause === 'tls'
}

const noAnswer: RecipientResult = { status: 'deferred', reply: smtpReply(451, '4.3.0', 'No answer for this recipient') }

export function refuseAll(reply: SmtpReply): Transport {
  const status = reply.code >= 500 ? 'failed' : 'deferred'
  return envelope => Promise.resolve(envelope.recipients.map(() => ({ status, reply })))
}
