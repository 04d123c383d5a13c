/** Steps and the queue's word as the wire has them. */
import { canonicalAddress } from '#formats/address/address.ts'
import { printReply } from '#formats/smtp-reply.ts'
import type { QueueEntry, QueueRecipient } from '#mail/queue/queue.ts'
import type { LetterStep } from '#mail/trace/letter-steps.ts'
import type { TracedBox } from '#mail/trace/tracing.ts'
import type { TraceBox, TraceEvent, TraceKind, TracePeer, TraceRecipient } from '../wire-trace.ts'

export function shownStep(step: LetterStep): TraceEvent {
  const { at, attempts, box, delayMs, filed, kind, nextAttemptAt, peer, recipient, reply, role, secondHand } = step
  return {
    at: dateOf(at),
    box,
    role,
    kind: kind as TraceKind,
    recipient: recipient ?? null,
    server: shownPeer(peer),
    reply: reply ?? null,
    attempts: attempts ?? null,
    nextAttempt: nextAttemptAt === undefined ? null : dateOf(nextAttemptAt),
    verdicts: step.verdicts ?? null,
    filed: filed ? { ...filed, score: filed.score ?? null, effect: filed.effect ?? null } : null,
    delay: delayMs ?? null,
    secondHand,
  }
}

export function shownBox({ asOf, box, role, state }: TracedBox): TraceBox {
  return { box, role, state, asOf: asOf === undefined ? null : dateOf(asOf) }
}

/** Of a received letter: it is here. */
export function arrived(email: string, steps: readonly LetterStep[]): TraceRecipient {
  const delivered = steps.findLast(step => step.kind === 'delivered' && isFor(step, email))
  return {
    ...nothingKnown(email),
    state: 'delivered',
    reply: delivered?.reply ?? null,
    since: delivered ? dateOf(delivered.at) : null,
  }
}

/** Of a sent one: the queue's word while it has one, then what happened last. */
export function sentTo(email: string, steps: readonly LetterStep[], entry: QueueEntry | undefined): TraceRecipient {
  const own = steps.filter(step => isFor(step, email))
  const queued = entry?.recipients.find(({ address }) => (canonicalAddress(address) ?? address) === email)
  const last = own.findLast(({ kind }) => kind in stateOf)
  const server = shownPeer(own.findLast(({ peer }) => peer)?.peer)
  const since = last ? dateOf(last.at) : null
  if (queued && queued.state !== 'delivered' && queued.state !== 'failed')
    return { ...waitingNow(email, queued), server, since }
  if (!last) return { ...nothingKnown(email), state: queued?.state === 'failed' ? 'failed' : 'unknown' }
  return {
    ...nothingKnown(email),
    state: stateOf[last.kind as keyof typeof stateOf],
    reply: last.reply ?? null,
    server,
    attempts: own.reduce((most, { attempts = 0 }) => Math.max(most, attempts), 0),
    nextAttempt: last.nextAttemptAt === undefined ? null : dateOf(last.nextAttemptAt),
    since,
  }
}

function waitingNow(email: string, { attempts, last, nextAttemptAt, state }: QueueRecipient): TraceRecipient {
  return {
    ...nothingKnown(email),
    state: state === 'trying' || state === 'held' ? state : 'waiting',
    reply: last ? printReply(last.reply) : null,
    attempts,
    nextAttempt: state === 'waiting' ? dateOf(nextAttemptAt) : null,
  }
}

const stateOf = {
  submitted: 'waiting',
  'attempt-deferred': 'waiting',
  'attempt-failed': 'failed',
  expired: 'failed',
  removed: 'removed',
  sent: 'delivered',
} as const

function nothingKnown(email: string): TraceRecipient {
  return { email, state: 'unknown', reply: null, server: null, attempts: 0, nextAttempt: null, since: null }
}

function isFor({ recipient }: LetterStep, email: string): boolean {
  return recipient !== undefined && (canonicalAddress(recipient) ?? recipient) === email
}

function shownPeer(peer: LetterStep['peer']): TracePeer | null {
  return peer ? { name: peer.name ?? null, address: peer.address ?? null, tls: peer.tls ?? null } : null
}

export function dateOf(ms: number): string {
  return new Date(ms).toISOString()
}
