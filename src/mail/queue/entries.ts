/** The queue as it is held in memory: ids and times, no bodies, no envelopes. */
import type { StoredEntry } from '#store/queue/queue-store.ts'
import type { AccountId, DeliveryId } from '../ids.ts'
import type { Job } from './schedule.ts'

export type QueueJob = Job & {
  readonly entry: LiveEntry
  /** Which of the entry's recipients */
  readonly positions: readonly number[]
  /** The sender was told of the delay, or is about to be */
  delayTold: boolean
}

export type LiveEntry = {
  readonly number: number
  readonly id: DeliveryId
  readonly receivedAt: number
  /** Monotonic: a wall clock that is set forward expires nothing */
  readonly expiresAt: number
  readonly delayedAt: number
  held: boolean
  /** Left, or removed while an attempt was under way */
  gone: boolean
  sentCopy: AccountId | undefined
  jobs: QueueJob[]
}

export type Times = { readonly now: number; readonly monotonic: number }

/** Wall clock time to monotonic, for moments that were written down. */
export function toMonotonic(at: number, times: Times): number {
  return times.monotonic + (at - times.now)
}

export type EntryContext = {
  readonly destinationOf: (reversePath: string, recipient: string) => string
  readonly times: Times
  readonly delayedAfterMs: number | undefined
  /** The longest pause there can be between two attempts */
  readonly maxPauseMs: number
}

export function liveEntry(stored: StoredEntry, context: EntryContext): LiveEntry {
  const { times, delayedAfterMs = Infinity } = context
  const entry: LiveEntry = {
    number: stored.number,
    id: stored.id as DeliveryId,
    receivedAt: stored.receivedAt,
    expiresAt: toMonotonic(stored.expiresAt, times),
    delayedAt: toMonotonic(stored.receivedAt, times) + delayedAfterMs,
    held: stored.recipients.some(recipient => recipient.state === 'held'),
    gone: false,
    sentCopy: (stored.sentCopy ?? undefined) as AccountId | undefined,
    jobs: [],
  }
  entry.jobs = jobsOf(entry, stored, context)
  return entry
}

type Group = { positions: number[]; attempts: number; nextAttemptAt: number; delayTold: boolean }

/**
 * Recipients that go to the same destination travel together.
 * A further attempt that lies further away than any pause can be comes from a clock that was wrong: it is capped.
 */
export function jobsOf(entry: LiveEntry, stored: StoredEntry, context: EntryContext): QueueJob[] {
  const { times, maxPauseMs } = context
  return [...groupsOf(stored, context)].map(([destination, group]) => ({
    entry,
    destination,
    positions: group.positions,
    receivedAt: entry.receivedAt,
    attempts: group.attempts,
    dueAt: Math.min(
      toMonotonic(group.nextAttemptAt, times),
      group.attempts > 0 ? times.monotonic + maxPauseMs : Infinity,
    ),
    state: entry.held ? 'held' : 'waiting',
    startedAt: 0,
    unreachable: false,
    delayTold: group.delayTold,
  }))
}

function groupsOf(stored: StoredEntry, { destinationOf }: EntryContext): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const { position, recipient, state, attempts, nextAttemptAt, delayTold } of stored.recipients) {
    if (state !== 'waiting' && state !== 'held') continue
    const destination = destinationOf(stored.reversePath, (JSON.parse(recipient) as { address: string }).address)
    const group = groups.get(destination)
    if (group) {
      group.positions.push(position)
      group.attempts = Math.max(group.attempts, attempts)
      group.nextAttemptAt = Math.min(group.nextAttemptAt, nextAttemptAt)
    } else groups.set(destination, { positions: [position], attempts, nextAttemptAt, delayTold: delayTold === 1 })
  }
  return groups
}
