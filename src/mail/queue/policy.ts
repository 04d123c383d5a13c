/** When a message is tried again, and how many attempts run side by side. */
import { isTransient, printReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { greylistTries } from './limits.ts'
import { meaningOf } from './reply-meaning.ts'

export type QueuePolicy = {
  readonly firstRetryMs: number
  /** Each pause is so many times the one before … */
  readonly growth: number
  /** … up to this one */
  readonly maxRetryMs: number
  /** 0.2: each pause is up to a fifth shorter or longer, so that a thousand messages do not return at one moment */
  readonly jitter: number
  /** The pause after a greylisting answer, when shorter than the schedule's */
  readonly greylistRetryMs?: number
  /** One attempt, DNS to the last reply; more is given for large messages */
  readonly attemptTimeoutMs: number
  readonly parallelPerDestination: number
  readonly parallelOverall: number
  /** The sender is told of a delay after this; never when absent */
  readonly delayedAfterMs?: number
  /** Whether NOTIFY=SUCCESS makes a report when a recipient is `delivered` */
  readonly reportSuccess: boolean
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** The gateway's hold: home is expected back soon, and whoever waits is our own. */
export const holdPolicy: QueuePolicy = {
  firstRetryMs: 10 * secondMs,
  growth: 2,
  maxRetryMs: 15 * minuteMs,
  jitter: 0.2,
  attemptTimeoutMs: 5 * minuteMs,
  parallelPerDestination: 8,
  parallelOverall: 16,
  reportSuccess: false,
}

/** Outbound mail: 1 min, 5 min, 25 min, 2 h, 4 h, 4 h … RFC 5321 §4.5.4.1 */
export const outboundPolicy: QueuePolicy = {
  firstRetryMs: minuteMs,
  growth: 5,
  maxRetryMs: 4 * hourMs,
  jitter: 0.2,
  greylistRetryMs: 2 * minuteMs,
  attemptTimeoutMs: 15 * minuteMs,
  parallelPerDestination: 4,
  parallelOverall: 64,
  delayedAfterMs: 4 * hourMs,
  reportSuccess: true,
}

/** The pause before attempt number `attempts + 1`, milliseconds. `random` gives 0…1. */
export function retryDelay(policy: QueuePolicy, attempts: number, random: () => number): number {
  const plain = Math.min(policy.maxRetryMs, policy.firstRetryMs * policy.growth ** Math.max(0, attempts - 1))
  return Math.round(plain * (1 - policy.jitter + 2 * policy.jitter * random()))
}

/** As `retryDelay`, but early where a greylisting host only wants to see us again. */
export function delayAfter(policy: QueuePolicy, attempts: number, replies: readonly SmtpReply[], random: () => number) {
  const delay = retryDelay(policy, attempts, random)
  if (policy.greylistRetryMs === undefined || attempts > greylistTries) return delay
  const greylisted = replies.some(reply => isGreylisting(reply, attempts))
  return greylisted ? Math.min(delay, policy.greylistRetryMs) : delay
}

/** There is no code of its own for it: 450 or 451, often with 4.7.x, at the first try; later only when it says so. */
function isGreylisting(reply: SmtpReply, attempts: number): boolean {
  if (!isTransient(reply)) return false
  if (/gr[ea]y-?list/i.test(printReply(reply))) return true
  return attempts === 1 && (reply.code === 451 || (reply.enhanced?.startsWith('4.7.') ?? false))
}

/**
 * Whether this answer speaks of the destination as a whole and not of one message: no route, no connection, shutting down,
 * our login refused. RFC 3463 §3.5 (X.4.1 … X.4.5), RFC 5321 §3.8 (421)
 */
export function isUnreachable(reply: SmtpReply): boolean {
  if (meaningOf(reply)?.stops === 'everything') return true
  if (!isTransient(reply)) return false
  return reply.code === 421 || /^4\.4\.[1-5]$/.test(reply.enhanced ?? '') || reply.enhanced === '4.3.2'
}
