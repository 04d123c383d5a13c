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

/**
 * Recipients that go to the same destination travel together.
 * A further attempt that lies further away than any pause can be comes from a clock that was wrong: it is capped.
 */
export function liveEntry(
  stored: StoredEntry,
  destinationOf: (recipient: string) => string,
  times: Times,
  limits: { readonly delayedAfterMs: number | undefined; readonly maxPauseMs: number },
): LiveEntry {
  const entry: LiveEntry = {
    number: stored.number,
    id: stored.id as DeliveryId,
    receivedAt: stored.receivedAt,
    expiresAt: toMonotonic(stored.expiresAt, times),
    delayedAt:
      limits.delayedAfterMs === undefined ? Infinity : toMonotonic(stored.receivedAt, times) + limits.delayedAfterMs,
    held: stored.recipients.some(recipient => recipient.state === 'held'),
    gone: false,
    sentCopy: (stored.sentCopy ?? undefined) as AccountId | undefined,
    jobs: [],
  }
  const groups = new Map<
    string,
    { positions: number[]; attempts: number; nextAttemptAt: number; destination: string; delayTold: boolean }
  >()
  for (const { position, recipient, state, attempts, nextAttemptAt, delayTold } of stored.recipients) {
    if (state !== 'waiting' && state !== 'held') continue
    const destination = destinationOf((JSON.parse(recipient) as { address: string }).address)
    const group = groups.get(destination)
    if (group) {
      group.positions.push(position)
      group.attempts = Math.max(group.attempts, attempts)
      group.nextAttemptAt = Math.min(group.nextAttemptAt, nextAttemptAt)
    } else
      groups.set(destination, {
        positions: [position],
        attempts,
        nextAttemptAt,
        destination,
        delayTold: delayTold === 1,
      })
  }
  for (const { positions, attempts, nextAttemptAt, destination, delayTold } of groups.values())
    entry.jobs.push({
      entry,
      destination,
      positions,
      receivedAt: stored.receivedAt,
      attempts,
      dueAt: Math.min(toMonotonic(nextAttemptAt, times), attempts > 0 ? times.monotonic + limits.maxPauseMs : Infinity),
      state: entry.held ? 'held' : 'waiting',
      startedAt: 0,
      unreachable: false,
      delayTold,
    })
  return entry
}
