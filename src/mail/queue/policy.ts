/** When a message is tried again, and how many attempts run side by side. */
import type { RecipientResult } from '#formats/envelope.ts'
import { isTransient, type SmtpReply } from '#formats/smtp-reply.ts'
import { fullMailboxRetryMs, greylistTries } from './limits.ts'
import { causeOf } from './reply-cause.ts'
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
  /** Submitters take turns, and their letters go before their bulk; otherwise all mail goes by age */
  readonly fair: boolean
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
  fair: false,
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
  parallelPerDestination: 10,
  parallelOverall: 64,
  fair: true,
  delayedAfterMs: 4 * hourMs,
  reportSuccess: true,
}

/** The pause before attempt number `attempts + 1`, milliseconds. `random` gives 0…1. */
export function retryDelay(policy: QueuePolicy, attempts: number, random: () => number): number {
  const plain = Math.min(policy.maxRetryMs, policy.firstRetryMs * policy.growth ** Math.max(0, attempts - 1))
  return Math.round(plain * (1 - policy.jitter + 2 * policy.jitter * random()))
}

/** As `retryDelay`, but early where a greylisting host only wants to see us again, and late where a mailbox is full. */
export function delayAfter(policy: QueuePolicy, attempts: number, replies: readonly SmtpReply[], random: () => number) {
  const delay = retryDelay(policy, attempts, random)
  const full = replies.length > 0 && replies.every(reply => causeOf(reply) === 'mailbox-full')
  if (full && policy.greylistRetryMs !== undefined) return Math.max(delay, fullMailboxRetryMs)
  if (policy.greylistRetryMs === undefined || attempts > greylistTries) return delay
  const greylisted = replies.some(reply => isGreylisting(reply, attempts))
  return greylisted ? Math.min(delay, policy.greylistRetryMs) : delay
}

/** There is no code of its own for it: 450 or 451, often with 4.7.x, at the first try; later only when it says so. */
function isGreylisting(reply: SmtpReply, attempts: number): boolean {
  if (!isTransient(reply)) return false
  const cause = causeOf(reply)
  if (cause === 'greylisted') return true
  const mayBe = cause === undefined || cause === 'policy' || cause === 'busy'
  return mayBe && attempts === 1 && (reply.code === 451 || (reply.enhanced?.startsWith('4.7.') ?? false))
}

/**
 * What an answer says of the destination as a whole. `unreachable`: no route, no connection, shutting down, our login refused.
 * `slowed`: it takes mail, but less at a time. Undefined: it speaks of one message.
 * RFC 3463 §3.5 (X.4.1 … X.4.5), RFC 5321 §3.8 (421), RFC 7372
 */
export function aboutDestination(reply: SmtpReply): 'unreachable' | 'slowed' | undefined {
  if (meaningOf(reply)?.stops === 'everything') return 'unreachable'
  if (!isTransient(reply)) return undefined
  const cause = causeOf(reply)
  if (cause === 'slow-down') return 'slowed'
  const gone = /^4\.4\.[1-5]$/.test(reply.enhanced ?? '') || reply.enhanced === '4.3.2'
  if (gone) return 'unreachable'
  if (reply.code !== 421) return undefined
  return reply.enhanced?.startsWith('4.7.') ? 'slowed' : 'unreachable'
}

/** The destination's state after an attempt: what its results have in common. */
export function reachedBy(results: readonly RecipientResult[]): boolean | 'slowed' {
  const about = results.map(aboutOf)
  if (about.every(one => one === 'unreachable')) return false
  return about.some(one => one === 'slowed') ? 'slowed' : true
}

function aboutOf({ status, reply, unreached }: RecipientResult): 'unreachable' | 'slowed' | undefined {
  if (status !== 'deferred') return undefined
  return aboutDestination(reply) ?? (unreached ? 'unreachable' : undefined)
}
