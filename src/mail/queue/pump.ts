/**
 * Carries entries to their destinations. Results are on disk before anything follows from them; a recipient that was delivered
 * is never tried again, also when its result could not be written at once (it is kept here until it can).
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { OpenedEntry, Progress, QueueStore, RecordedResult } from '#store/queue/queue-store.ts'
import type { DeliveryId } from '../ids.ts'
import type { Transport } from '../transport.ts'
import { attempt, openPositions, recorded } from './attempt.ts'
import { isOver } from './entries.ts'
import type { EntryTable, JobFacts, LiveEntry, QueueJob } from './entry-table.ts'
import { closeGraceMs, maxSleepMs, storeRetryMs } from './limits.ts'
import type { PaceLimit } from './pace.ts'
import { delayAfter, type QueuePolicy, reachedBy, retryDelay } from './policy.ts'
import { type QueuedMessage, queuedMessage } from './report.ts'
import { type Reached, Schedule } from './schedule.ts'

export type PumpOptions = {
  readonly store: QueueStore
  readonly table: EntryTable
  readonly policy: QueuePolicy
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly transportFor: (destination: string, message: QueuedMessage) => Transport
  readonly limitOf?: (destination: string) => Partial<PaceLimit> | undefined
  readonly isConfirmed: (id: DeliveryId) => boolean
  /** Whether reports are made at all */
  readonly reports: boolean
  /** After results are on disk */
  readonly onResults: (attempted: Attempted) => void
  /** `id` is unknown of what was not in the store any more */
  readonly onLeft: (entry: LiveEntry, id: DeliveryId | undefined, progress: Progress) => void
  /** An attempt is over, whatever came of it */
  readonly onTried: (entry: LiveEntry) => void
}

export type Attempted = {
  readonly entry: LiveEntry
  readonly message: QueuedMessage
  readonly results: readonly {
    readonly recipient: EnvelopeRecipient
    /** Undefined when the time was over before any attempt */
    readonly result: RecipientResult | undefined
    readonly state: RecordedResult['state']
  }[]
  /** Of this destination, this one counted */
  readonly attempts: number
  /** Milliseconds since 1970; undefined when there is none, or nothing is changed about it */
  readonly nextAttemptAt: number | undefined
  /** A report is due */
  readonly tell: boolean
  readonly left: boolean
}

export class Pump {
  readonly #options: PumpOptions
  readonly #schedule: Schedule<QueueJob>
  readonly #running = new Map<Promise<void>, AbortController>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: PumpOptions) {
    this.#options = options
    const { policy, random, table } = options
    const scheduleOptions = {
      parallelPerDestination: policy.parallelPerDestination,
      parallelOverall: policy.parallelOverall,
      restMs: (failures: number) => retryDelay(policy, failures, random),
      ...(options.limitOf && { limitOf: options.limitOf }),
    }
    this.#schedule = new Schedule(scheduleOptions, table)
  }

  add(entry: LiveEntry, jobs: readonly JobFacts[]): void {
    this.replace(entry, jobs)
  }

  waitingFor(isAsked: (destination: string) => boolean): number {
    return this.#schedule.waitingFor(isAsked)
  }

  wake(): void {
    this.#schedule.wake(this.#now())
    this.kick()
  }

  /** False when nothing of it waits. */
  retry(entry: LiveEntry): boolean {
    const retried = entry.jobs.map(job => this.#schedule.retry(job, this.#now())).some(Boolean)
    this.kick()
    return retried
  }

  hold(entry: LiveEntry): void {
    entry.held = true
    for (const job of entry.jobs) this.#schedule.hold(job)
  }

  release(entry: LiveEntry): void {
    entry.held = false
    for (const job of entry.jobs) this.#schedule.release(job, this.#now())
    this.kick()
  }

  /** Not while one of them is `trying`. */
  replace(entry: LiveEntry, jobs: readonly JobFacts[]): void {
    for (const job of entry.jobs) this.#schedule.remove(job, this.#now())
    for (const facts of jobs) this.#schedule.add(this.#options.table.addJob(entry, facts), this.#now())
    this.kick()
  }

  /** Attempts under way go on; their results are of no consequence. */
  remove(entry: LiveEntry): void {
    for (const job of entry.jobs) this.#schedule.remove(job, this.#now())
  }

  /** Tells of delays and gives up on jobs whose destination is not even being tried. Called now and then. */
  sweep(entries: Iterable<LiveEntry>): void {
    const now = this.#now()
    for (const entry of entries) {
      if (entry.gone || now < Math.min(entry.expiresAt, entry.delayedAt)) continue
      for (const job of entry.jobs) {
        if (job.delayTold && now < entry.expiresAt) continue
        const stuck = job.state === 'ready' || (job.state === 'waiting' && job.unreachable)
        if (stuck && this.#schedule.failures(job.destination) > 0) this.#overtime(job)
      }
    }
  }

  kick(): void {
    if (this.#closed) return
    const now = this.#now()
    for (const job of this.#schedule.start(now)) this.#track(abort => this.#try(job, abort))
    clearTimeout(this.#timer)
    const nextAt = this.#schedule.nextAt()
    if (nextAt === undefined) return
    this.#timer = setTimeout(() => this.kick(), Math.min(maxSleepMs, Math.max(1, Math.ceil(nextAt - now))))
    this.#timer.unref()
  }

  /** Starts nothing more; what is under way is aborted and its results are still written. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const abort of this.#running.values()) abort.abort()
    const timer = new AbortController()
    const grace = pause(closeGraceMs, undefined, { signal: timer.signal }).catch(() => {})
    await Promise.race([Promise.allSettled(this.#running.keys()), grace])
    timer.abort()
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }

  #isOver(entry: LiveEntry, opened: OpenedEntry): boolean {
    const { clock } = this.#options
    return isOver(entry, opened, { now: clock.now(), monotonic: clock.monotonic() })
  }

  #track(run: (abort: AbortController) => Promise<void>): void {
    const abort = new AbortController()
    const running: Promise<void> = run(abort).finally(() => this.#running.delete(running))
    this.#running.set(running, abort)
  }

  async #try(job: QueueJob, abort: AbortController): Promise<void> {
    const { entry } = job
    try {
      await this.#attempt(job, abort)
    } catch (error) {
      this.#options.log.error('An attempt could not be made', { entry: entry.number, error: String(error) })
      if (job.state === 'trying') this.#again(job, storeRetryMs, undefined)
    }
    this.#options.onTried(entry)
    this.kick()
  }

  async #attempt(job: QueueJob, abort: AbortController): Promise<void> {
    const { store, policy, log } = this.#options
    const { entry } = job
    const opened = await store.take(entry.number)
    const positions = opened ? openPositions(opened, job.positions) : []
    if (!opened || positions.length === 0) {
      // Put on hold on disk a moment before the schedule heard of it, or nothing is left to do.
      const held = job.positions.some(position => opened?.recipients[position]?.state === 'held')
      if (!opened && !entry.gone) this.#options.onLeft(entry, undefined, { left: true, delivered: false })
      return this.#finish(job, held ? 'held' : 'gone', undefined)
    }
    const message = queuedMessage(opened, this.#options.isConfirmed)
    const transport = this.#options.transportFor(job.destination, message)
    const results = await attempt(transport, message, positions, { timeoutMs: policy.attemptTimeoutMs, abort, log })
    await this.#settle(job, opened, message, positions, results)
  }

  async #settle(
    job: QueueJob,
    opened: OpenedEntry,
    message: QueuedMessage,
    positions: readonly number[],
    results: readonly RecipientResult[],
  ): Promise<void> {
    const { policy, random } = this.#options
    job.attempts++
    const expired = this.#isOver(job.entry, opened)
    const rows = this.#rows(job, message, positions, results, expired)
    const deferred = results.filter(result => result.status === 'deferred').map(result => result.reply)
    const delayMs = delayAfter(policy, job.attempts, deferred, random)
    const progress = await this.#record(job, message.id, rows, { attempted: 1, delayMs })
    this.#announce(job, message, positions, {
      rows,
      results,
      progress,
      nextAttemptAt: this.#options.clock.now() + delayMs,
    })
    // Cut off by our own end: nothing is known of the destination.
    const reached = this.#closed ? undefined : reachedBy(results)
    const open = rows.some(row => row.state === 'waiting') && !progress.left
    this.#finish(job, open ? this.#nextOf(job, delayMs) : 'gone', reached)
  }

  #rows(
    job: QueueJob,
    message: QueuedMessage,
    positions: readonly number[],
    results: readonly (RecipientResult | undefined)[],
    expired: boolean,
  ): readonly RecordedResult[] {
    const { entry } = job
    const delayed = !job.delayTold && this.#now() >= entry.delayedAt
    const outcome = {
      silent: !this.#options.reports,
      expired,
      delayed,
      reportSuccess: this.#options.policy.reportSuccess,
    }
    return positions.map((position, index) =>
      recorded(position, message.envelope.recipients[position] as EnvelopeRecipient, results[index], outcome),
    )
  }

  /** Repeats until it is written: what was delivered must never be tried again. */
  async #record(
    job: QueueJob,
    id: DeliveryId,
    rows: readonly RecordedResult[],
    attempt: { readonly attempted: 0 | 1; readonly delayMs: number | undefined },
  ): Promise<Progress> {
    const { store, clock, log } = this.#options
    const { entry } = job
    for (;;) {
      const nextAttemptAt = attempt.delayMs === undefined ? null : clock.now() + attempt.delayMs
      const input = { number: entry.number, results: rows, now: clock.now(), nextAttemptAt }
      try {
        const progress = await store.record({ ...input, attempted: attempt.attempted })
        job.delayTold ||= this.#now() >= entry.delayedAt
        return progress
      } catch (error) {
        if (this.#closed) throw error
        log.error('The results of an attempt could not be written yet', { delivery: id, error: String(error) })
        await pause(storeRetryMs, undefined, { ref: false })
      }
    }
  }

  #announce(
    job: QueueJob,
    message: QueuedMessage,
    positions: readonly number[],
    came: {
      readonly rows: readonly RecordedResult[]
      readonly results: readonly (RecipientResult | undefined)[]
      readonly progress: Progress
      readonly nextAttemptAt: number | undefined
    },
  ): void {
    const { nextAttemptAt, progress, results, rows } = came
    const { left } = progress
    const { entry } = job
    const told = positions.map((position, index) => ({
      recipient: message.envelope.recipients[position] as EnvelopeRecipient,
      result: results[index],
      state: (rows[index] as RecordedResult).state,
    }))
    const tell = rows.some(row => row.tell !== null)
    if (left) this.#options.onLeft(entry, message.id, progress)
    try {
      this.#options.onResults({ entry, message, results: told, attempts: job.attempts, nextAttemptAt, tell, left })
    } catch (error) {
      // the results are on disk: who is told of them must not keep the entry from leaving
      this.#options.log.error('The results of an attempt could not be told', {
        delivery: message.id,
        error: String(error),
      })
    }
  }

  /** The time of a job is over (or a delay is to be told) although no attempt was made just now. */
  #overtime(job: QueueJob): void {
    const { entry } = job
    this.#schedule.hold(job)
    this.#options.table.kept(job.row)
    this.#track(async () => {
      try {
        await this.#giveUp(job)
      } catch (error) {
        this.#options.log.error('An expired entry could not be closed', {
          entry: entry.number,
          error: String(error),
        })
      }
      if (job.state === 'held' && !entry.gone && !entry.held) this.#schedule.release(job, this.#now())
      this.#options.table.dropped(job.row)
      this.kick()
    })
  }

  async #giveUp(job: QueueJob): Promise<void> {
    const { entry } = job
    const opened = await this.#options.store.take(entry.number)
    if (!opened || entry.gone) return
    const positions = openPositions(opened, job.positions)
    const message = queuedMessage(opened, this.#options.isConfirmed)
    const expired = this.#isOver(entry, opened)
    const rows = this.#rows(job, message, positions, [], expired)
    if (!expired && rows.every(row => row.tell === null)) {
      job.delayTold = true
      return
    }
    const progress = await this.#record(job, message.id, rows, { attempted: 0, delayMs: undefined })
    const lasts = positions.map(position => lastOf(opened.recipients[position]?.last))
    this.#announce(job, message, positions, { rows, results: lasts, progress, nextAttemptAt: undefined })
    if (expired) this.#schedule.remove(job, this.#now())
  }

  #nextOf(job: QueueJob, delayMs: number): 'gone' | 'held' | { readonly dueAt: number } {
    if (job.entry.gone) return 'gone'
    return job.entry.held ? 'held' : { dueAt: this.#now() + delayMs }
  }

  #again(job: QueueJob, delayMs: number, reached: Reached): void {
    this.#finish(job, this.#nextOf(job, delayMs), reached)
  }

  #finish(job: QueueJob, next: 'gone' | 'held' | { readonly dueAt: number }, reached: Reached): void {
    this.#schedule.finished(job, next, reached, this.#now())
  }
}

function lastOf(json: string | null | undefined): RecipientResult | undefined {
  return json ? (JSON.parse(json) as RecipientResult) : undefined
}
