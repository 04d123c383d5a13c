/** From the store's rows to what the schedule needs of them: moments by the monotonic clock, and which recipients travel together. */
import type { StoredEntry } from '#store/queue/queue-store.ts'
import type { Via } from './queue.ts'
import { viaOf } from './rows.ts'
import type { Flow } from './fair-lines.ts'
import type { EntryFacts, JobFacts } from './entry-table.ts'
import { expiryGraceMs } from './limits.ts'

export type Times = { readonly now: number; readonly monotonic: number }

/** Wall clock time to monotonic, for moments that were written down. */
export function toMonotonic(at: number, times: Times): number {
  return times.monotonic + (at - times.now)
}

export type EntryContext = {
  readonly destinationOf: (reversePath: string, recipient: string, via: Via | undefined) => string
  readonly times: Times
  readonly delayedAfterMs: number | undefined
  /** Whose turn it takes; asked once for an entry */
  readonly flowOf: (stored: StoredEntry) => Flow
  /** The longest pause there can be between two attempts */
  readonly maxPauseMs: number
}

export function entryFacts(
  stored: StoredEntry,
  { delayedAfterMs = Infinity, flowOf, times }: EntryContext,
): EntryFacts {
  const { expiresAt, number, receivedAt, recipients, releaseAt, submitter } = stored
  return {
    number,
    receivedAt,
    expiresAt: times.monotonic + remainingMs(expiresAt - times.now, lifetimeMs(stored)),
    delayedAt: toMonotonic(Math.max(receivedAt, releaseAt ?? 0), times) + delayedAfterMs,
    releaseAt: releaseAt === null ? undefined : releaseOf(stored, times),
    held: recipients.some(recipient => recipient.state === 'held'),
    submitter,
    flow: flowOf(stored),
  }
}

function lifetimeMs({ expiresAt, receivedAt }: Pick<StoredEntry, 'expiresAt' | 'receivedAt'>): number {
  return Math.max(0, expiresAt - receivedAt)
}

/** By a clock that was wrong it is not held longer than its sender asked for. */
function releaseOf({ receivedAt, releaseAt }: StoredEntry, times: Times): number {
  const at = releaseAt ?? receivedAt
  return Math.min(toMonotonic(at, times), times.monotonic + Math.max(0, at - receivedAt))
}

/** After a start the wall clock may be wrong for a while (a machine without a battery, before it has asked for the time). */
function remainingMs(byWallMs: number, lifetime: number): number {
  return Math.min(lifetime, Math.max(byWallMs, Math.min(expiryGraceMs, lifetime)))
}

/**
 * Its time is over by both clocks, or by the monotonic one twice over: the wall clock was set back for good.
 * `written`: what is written down of it, milliseconds since 1970.
 */
export function isOver(
  { expiresAt }: { readonly expiresAt: number },
  written: Pick<StoredEntry, 'expiresAt' | 'receivedAt'>,
  { now, monotonic }: Times,
): boolean {
  return monotonic >= expiresAt && (now >= written.expiresAt || monotonic >= expiresAt + lifetimeMs(written))
}

type Group = { positions: number[]; attempts: number; nextAttemptAt: number; delayTold: boolean }

/**
 * Recipients that go to the same destination travel together.
 * An attempt that lies further away than any pause can be, or than a first one was when it came, comes from a clock that was wrong:
 * it is capped.
 */
export function jobFacts(stored: StoredEntry, context: EntryContext): readonly JobFacts[] {
  const { times, maxPauseMs } = context
  return [...groupsOf(stored, context)].map(([destination, { attempts, delayTold, nextAttemptAt, positions }]) => {
    const longestMs = attempts > 0 ? maxPauseMs : Math.max(0, nextAttemptAt - stored.receivedAt)
    const dueAt = Math.min(toMonotonic(nextAttemptAt, times), times.monotonic + longestMs)
    return { destination, positions, attempts, dueAt, delayTold }
  })
}

function groupsOf(stored: StoredEntry, { destinationOf }: EntryContext): Map<string, Group> {
  const groups = new Map<string, Group>()
  const via = viaOf(stored)
  for (const { position, recipient, state, attempts, nextAttemptAt, delayTold } of stored.recipients) {
    if (state !== 'waiting' && state !== 'held') continue
    const destination = destinationOf(stored.reversePath, (JSON.parse(recipient) as { address: string }).address, via)
    const group = groups.get(destination)
    if (group) {
      group.positions.push(position)
      group.attempts = Math.max(group.attempts, attempts)
      group.nextAttemptAt = Math.min(group.nextAttemptAt, nextAttemptAt)
    } else groups.set(destination, { positions: [position], attempts, nextAttemptAt, delayTold: delayTold === 1 })
  }
  return groups
}
