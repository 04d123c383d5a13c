/** The queue as it is held in memory: ids and times, no bodies, no envelopes. */
import type { StoredEntry } from '#store/queue/queue-store.ts'
import type { AccountId, DeliveryId } from '../ids.ts'
import type { Via } from './queue.ts'
import { viaOf } from './rows.ts'
import type { Flow } from './fair-lines.ts'
import type { Interned } from './interned.ts'
import { expiryGraceMs } from './limits.ts'
import type { Job } from './schedule.ts'

/** There may be a hundred thousand: what can be had from the entry is not kept once more. */
export class QueueJob implements Job {
  readonly entry: LiveEntry
  readonly destination: string
  /** Which of the entry's recipients */
  readonly positions: readonly number[]
  attempts: number
  dueAt: number
  state: Job['state']
  startedAt = 0
  unreachable = false
  /** The sender was told of the delay, or is about to be */
  delayTold: boolean

  constructor(entry: LiveEntry, { attempts, delayTold, destination, dueAt, positions }: JobFacts) {
    this.entry = entry
    this.destination = destination
    this.positions = positions.length === 1 && positions[0] === 0 ? firstOnly : positions
    this.attempts = attempts
    this.dueAt = dueAt
    this.state = entry.held ? 'held' : 'waiting'
    this.delayTold = delayTold
  }

  get flow(): Flow {
    return this.entry.flow
  }

  get receivedAt(): number {
    return this.entry.receivedAt
  }

  get releaseAt(): number {
    return this.entry.releaseAt
  }
}

type JobFacts = Pick<QueueJob, 'destination' | 'positions' | 'attempts' | 'dueAt' | 'delayTold'>

/** Most letters have one recipient */
const firstOnly: readonly number[] = [0]

export class LiveEntry {
  readonly number: number
  readonly id: DeliveryId
  readonly receivedAt: number
  /** Monotonic: a wall clock that is set forward expires nothing. See `isOver` */
  readonly expiresAt: number
  /** As written down, milliseconds since 1970 */
  readonly expiresAtByWall: number
  readonly delayedAt: number
  held: boolean
  /** Left, or removed while an attempt was under way */
  gone = false
  sentCopy: AccountId | undefined
  readonly submitter: string | null
  readonly flow: Flow
  readonly #releaseAt: number | undefined
  jobs: readonly QueueJob[] = []

  constructor(stored: StoredEntry, { delayedAfterMs = Infinity, flowOf, shared, times }: EntryContext) {
    this.number = stored.number
    this.id = stored.id as DeliveryId
    this.receivedAt = stored.receivedAt
    this.expiresAtByWall = stored.expiresAt
    this.expiresAt = times.monotonic + remainingMs(stored.expiresAt - times.now, this.lifetimeMs)
    this.delayedAt = toMonotonic(Math.max(stored.receivedAt, stored.releaseAt ?? 0), times) + delayedAfterMs
    this.held = stored.recipients.some(recipient => recipient.state === 'held')
    this.sentCopy = (stored.sentCopy ?? undefined) as AccountId | undefined
    this.submitter = stored.submitter === null ? null : shared.of(stored.submitter, stored.submitter)
    this.flow = flowOf(stored)
    this.#releaseAt = stored.releaseAt === null ? undefined : releaseOf(stored, times)
  }

  get lifetimeMs(): number {
    return Math.max(0, this.expiresAtByWall - this.receivedAt)
  }

  /** Monotonic; -Infinity when it was never to wait */
  get releaseAt(): number {
    return this.#releaseAt ?? -Infinity
  }
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
  /** Destinations and submitters: one copy of each for all entries */
  readonly shared: Interned<string>
  /** The longest pause there can be between two attempts */
  readonly maxPauseMs: number
}

export function liveEntry(stored: StoredEntry, context: EntryContext): LiveEntry {
  const entry = new LiveEntry(stored, context)
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
export function jobsOf(entry: LiveEntry, stored: StoredEntry, context: EntryContext): readonly QueueJob[] {
  const { shared, times, maxPauseMs } = context
  return [...groupsOf(stored, context)].map(([destination, { attempts, delayTold, nextAttemptAt, positions }]) => {
    const longestMs = attempts > 0 ? maxPauseMs : Math.max(0, nextAttemptAt - entry.receivedAt)
    const dueAt = Math.min(toMonotonic(nextAttemptAt, times), times.monotonic + longestMs)
    return new QueueJob(entry, {
      destination: shared.of(destination, destination),
      positions,
      attempts,
      dueAt,
      delayTold,
    })
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
