/** What a letter's way comes to: whether it is over, how long it took, and which steps say something of their own. */
import type { EmailTrace, TraceEvent, TraceRecipient } from '#protocols/jmap/wire-trace.ts'

export type SentState = 'sending' | 'waiting' | 'held' | 'delivered' | 'failed' | 'partly'

const ended: ReadonlySet<TraceRecipient['state']> = new Set(['delivered', 'failed', 'removed', 'unknown'])

/** Something waits: the next answer may be another. */
export function isOpen({ recipients }: Pick<EmailTrace, 'recipients'>): boolean {
  return recipients.some(({ state }) => !ended.has(state))
}

/** Of all recipients together; undefined: it is not known any more. */
export function sentState(recipients: readonly TraceRecipient[]): SentState | undefined {
  const has = (state: TraceRecipient['state']) => recipients.some(one => one.state === state)
  if (has('trying')) return 'sending'
  // never tried yet: it leaves within a second or two
  if (recipients.some(one => one.state === 'waiting' && one.attempts === 0 && !isLater(one))) return 'sending'
  if (has('waiting')) return 'waiting'
  if (has('held')) return 'held'
  const isFailed = has('failed') || has('removed')
  if (isFailed) return has('delivered') ? 'partly' : 'failed'
  return has('delivered') ? 'delivered' : undefined
}

function isLater({ nextAttempt }: TraceRecipient): boolean {
  return nextAttempt !== null && Date.parse(nextAttempt) > Date.now() + 5_000
}

/** Milliseconds from the first step to the last one that decided; to now while something waits. Undefined: nothing is known of it. */
export function duration(trace: EmailTrace, now: number): number | undefined {
  const first = trace.list[0]
  if (!first || trace.omitted) return undefined
  const begun = Date.parse(first.at)
  if (isOpen(trace)) return Math.max(0, now - begun)
  const ends = trace.recipients.flatMap(({ since }) => (since === null ? [] : [Date.parse(since)]))
  return ends.length === 0 ? undefined : Math.max(0, Math.max(...ends) - begun)
}

export type ShownStep = TraceEvent & {
  /** How many recipients it is about, where it is the same for all */
  readonly count: number
  /** On its way to us: who puts it off is our own home */
  readonly incoming: boolean
}

/** Two boxes hear the same words within this time */
const sameWithinMs = 10_000

/**
 * What one box only heard from the other is told once: home's word that it has the letter, and not the gateway's of having been told so; the
 * gateway's of whom it asked, and not home's. Handing in is one step for all recipients.
 */
export function shownSteps({ direction, list }: Pick<EmailTrace, 'direction' | 'list'>): readonly ShownStep[] {
  const incoming = direction !== 'sent'
  const shown: ShownStep[] = []
  for (const step of list) {
    const last = shown.at(-1)
    if (step.kind === 'submitted' && last?.kind === 'submitted' && isSoonAfter(last, step)) {
      shown[shown.length - 1] = { ...last, count: last.count + 1, recipient: null }
      continue
    }
    if (!isHeardOnly(step, list)) shown.push({ ...step, count: 1, incoming })
  }
  return shown
}

function isHeardOnly(step: TraceEvent, list: readonly TraceEvent[]): boolean {
  const other = (kind: TraceEvent['kind'], role: TraceEvent['role']) =>
    list.some(
      one =>
        one !== step && one.kind === kind && one.role === role && one.recipient === step.recipient && near(one, step),
    )
  if (step.kind === 'passed-on') return other('delivered', 'home') || other('delivered', 'both')
  // home's answer to the gateway
  if (step.kind === 'attempt-deferred' && step.role === 'gateway' && !step.server)
    return other('attempt-deferred', 'home')
  if (step.role !== 'home') return false
  const isAnswer = step.kind === 'sent' || step.kind === 'attempt-failed'
  return isAnswer && other(step.kind, 'gateway')
}

function near(one: TraceEvent, other: TraceEvent): boolean {
  return Math.abs(Date.parse(one.at) - Date.parse(other.at)) < sameWithinMs
}

function isSoonAfter(before: TraceEvent, after: TraceEvent): boolean {
  return Date.parse(after.at) - Date.parse(before.at) < 1_000
}

/** `TLSv1.3 TLS_AES_256_GCM_SHA384` → `TLS 1.3` */
export function tlsName(tls: string | null | undefined): string | undefined {
  return /^TLSv([\d.]+)/.exec(tls ?? '')?.[1]?.replace(/^/, 'TLS ')
}
