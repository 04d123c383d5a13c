/** The queue as it is held in memory: ids and times, no bodies, no envelopes. */
import type { StoredEntry } from '#store/queue/queue-store.ts'
import type { AccountId, DeliveryId } from '../ids.ts'
import type { Via } from './queue.ts'
import { viaOf } from './rows.ts'
import type { Flow } from './fair-lines.ts'
import { expiryGraceMs } from './limits.ts'
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
  /** Monotonic: a wall clock that is set forward expires nothing. See `isOver` */
  readonly expiresAt: number
  /** As written down, milliseconds since 1970 */
  readonly expiresAtByWall: number
  readonly lifetimeMs: number
  readonly delayedAt: number
  held: boolean
  /** Left, or removed while an attempt was under way */
  gone: boolean
  sentCopy: AccountId | undefined
  readonly submitter: string | null
  readonly flow: Flow
  /** Monotonic; -Infinity when it was never to wait */
  readonly releaseAt: number
  jobs: QueueJob[]
}

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

export function liveEntry(stored: StoredEntry, context: EntryContext): LiveEntry {
  const { times, delayedAfterMs = Infinity } = context
  const lifetimeMs = Math.max(0, stored.expiresAt - stored.receivedAt)
  const entry: LiveEntry = {
    number: stored.number,
    id: stored.id as DeliveryId,
    receivedAt: stored.receivedAt,
    expiresAt: times.monotonic + remainingMs(stored.expiresAt - times.now, lifetimeMs),
    expiresAtByWall: stored.expiresAt,
    lifetimeMs,
    delayedAt: toMonotonic(Math.max(stored.receivedAt, stored.releaseAt ?? 0), times) + delayedAfterMs,
    held: stored.recipients.some(recipient => recipient.state === 'held'),
    gone: false,
    sentCopy: (stored.sentCopy ?? undefined) as AccountId | undefined,
    submitter: stored.submitter,
    flow: context.flowOf(stored),
    releaseAt: stored.releaseAt === null ? -Infinity : releaseOf(stored, times),
    jobs: [],
  }
  entry.jobs = jobsOf(entry, stored, context)
  return entry
}

/** By a clock that was wrong it is not held longer than its sender asked for. */
function releaseOf({ receivedAt, releaseAt }: StoredEntry, times: Times): number {
  const at = releaseAt ?? receivedAt
  return Math.min(toMonotonic(at, times), times.monotonic + Math.max(0, at - receivedAt))
}

/** After a start the wall clock may be wrong for a while (a machine without a battery, before it has asked for the time). */
function remainingMs(byWallMs: number, lifetimeMs: number): number {
  return Math.min(lifetimeMs, Math.max(byWallMs, Math.min(expiryGraceMs, lifetimeMs)))
}

/** Its time is over by both clocks, or by the monotonic one twice over: the wall clock was set back for good. */
export function isOver({ expiresAt, expiresAtByWall, lifetimeMs }: LiveEntry, { now, monotonic }: Times): boolean {
  return monotonic >= expiresAt && (now >= expiresAtByWall || monotonic >= expiresAt + lifetimeMs)
}

type Group = { positions: number[]; attempts: number; nextAttemptAt: number; delayTold: boolean }

/**
 * Recipients that go to the same destination travel together.
 * An attempt that lies further away than any pause can be, or than a first one was when it came, comes from a clock that was wrong:
 * it is capped.
 */
export function jobsOf(entry: LiveEntry, stored: StoredEntry, context: EntryContext): QueueJob[] {
  const { times, maxPauseMs } = context
  return [...groupsOf(stored, context)].map(([destination, group]) => ({
    entry,
    destination,
    flow: entry.flow,
    releaseAt: entry.releaseAt,
    positions: group.positions,
    receivedAt: entry.receivedAt,
    attempts: group.attempts,
    dueAt: Math.min(
      toMonotonic(group.nextAttemptAt, times),
      times.monotonic + (group.attempts > 0 ? maxPauseMs : Math.max(0, group.nextAttemptAt - entry.receivedAt)),
    ),
    state: entry.held ? 'held' : 'waiting',
    startedAt: 0,
    unreachable: false,
    delayTold: group.delayTold,
  }))
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
