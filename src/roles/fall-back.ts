import type { RecipientResult } from '#formats/envelope.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Transport } from '#mail/transport.ts'

const noUpstream = smtpReply(451, '4.3.5', 'UP-KEY: no upstream is configured for this mail')

/**
 * Upstreams in order: what one defers before it has taken any byte of the message, the next is asked for. Whoever may have
 * taken the message (its answer was lost) keeps it: a second upstream could only double it.
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

/** Never reached, or refused for now at the door (4.4.1, and what a configuration fault of ours is called). */
function mayAskElsewhere(result: RecipientResult): boolean {
  return result.status === 'deferred' && result.reply.enhanced !== '4.4.2'
}

const noAnswer: RecipientResult = { status: 'deferred', reply: smtpReply(451, '4.3.0', 'No answer for this recipient') }

export function refuseAll(reply: SmtpReply): Transport {
  const status = reply.code >= 500 ? 'failed' : 'deferred'
  return envelope => Promise.resolve(envelope.recipients.map(() => ({ status, reply })))
}
