/** One destination of the schedule: what waits for it, what is ready, and what is known of it. */
import { type Flow, flowName, type LinePlace } from './fair-lines.ts'
import { Heap } from './heap.ts'
import { Pace, type PaceLimit } from './pace.ts'

export type Job = {
  readonly destination: string
  /** Whose turn it takes */
  readonly flow: Flow
  /** Milliseconds since 1970, for the order by age */
  readonly receivedAt: number
  attempts: number
  /** Monotonic; only who names this very job may try it before. FUTURERELEASE */
  readonly releaseAt: number
  /** Monotonic; not before */
  dueAt: number
  state: 'waiting' | 'ready' | 'trying' | 'held' | 'gone'
  startedAt: number
  /** It waits because its destination was not reachable or wants less, not for a reason of its own */
  unreachable: boolean
}

/**
 * Where jobs lie: a line holds the number of a job's place, and says so, for as long as it stands in it. A job that is gone lies
 * there until nobody holds its place any more.
 */
export type JobKeeper<J extends Job> = {
  placeOf(job: J): number
  jobAt(place: number): J
  kept(place: number): void
  dropped(place: number): void
}

/** Beyond any time in milliseconds: a job that was tried comes after all that were not */
const afterAll = 2 ** 50

export class Destination<J extends Job> implements LinePlace {
  readonly key: string
  /** By `dueAt`; stale where the job's is another by now */
  readonly #waiting = new Heap<number>()
  readonly #ready = new Map<string, Heap<number>>()
  readonly #keeper: JobKeeper<J>
  readonly pace = new Pace()
  /** Jobs that are not gone */
  jobs = 0
  active = 0
  failures = 0
  /** It answered since it was last seen failing */
  proven = false
  /** Its last answer took long */
  slow = false
  restingUntil = -Infinity
  failedAt = -Infinity
  alarmAt = Infinity
  open = false
  readonly parked = new Set<string>()

  constructor(key: string, keeper: JobKeeper<J>) {
    this.key = key
    this.#keeper = keeper
  }

  /** When to look at what waits again; undefined: nothing does */
  get nextDueAt(): number | undefined {
    return this.#waiting.firstKey
  }

  get hasReady(): boolean {
    return this.#ready.size > 0
  }

  /** No start before this */
  get closedUntil(): number {
    return Math.max(this.restingUntil, this.pace.pausedUntil)
  }

  get isQuick(): boolean {
    return this.proven && !this.slow
  }

  wait(job: J): void {
    job.state = 'waiting'
    this.#push(this.#waiting, job, job.dueAt)
  }

  /** The name of its flow. */
  makeReady(job: J): string {
    job.state = 'ready'
    const flow = flowName(job.flow)
    let heap = this.#ready.get(flow)
    if (!heap) this.#ready.set(flow, (heap = new Heap()))
    this.#push(heap, job, job.receivedAt + (job.attempts > 0 ? afterAll : 0))
    return flow
  }

  /** The next of this flow, and whether there may be more. What is not ready any more is dropped on the way. */
  take(flow: string): { readonly job: J | undefined; readonly more: boolean } {
    const heap = this.#ready.get(flow)
    let job: J | undefined
    while (heap && heap.size > 0 && !job) {
      const next = this.#first(heap)
      if (next?.state === 'ready') job = next
      this.#pop(heap)
    }
    while (heap && heap.size > 0 && this.#first(heap)?.state !== 'ready') this.#pop(heap)
    if (heap?.size === 0) this.#ready.delete(flow)
    return { job, more: this.#ready.has(flow) }
  }

  /** Those whose time has come. */
  due(now: number): J[] {
    const due: J[] = []
    for (let job = this.#first(this.#waiting); job; job = this.#first(this.#waiting)) {
      const current = job.state === 'waiting' && job.dueAt === this.#waiting.firstKey
      if (current && job.dueAt > now) break
      // while it is not gone it holds its place itself
      this.#pop(this.#waiting)
      if (current) due.push(job)
    }
    return due
  }

  /** Everything that waits, or what waits only for the destination itself. */
  waitingJobs(onlyUnreachable: boolean): J[] {
    const jobs: J[] = []
    for (const [place, dueAt] of this.#waiting.entries()) {
      const job = this.#keeper.jobAt(place)
      if (job.state === 'waiting' && job.dueAt === dueAt && (job.unreachable || !onlyUnreachable)) jobs.push(job)
    }
    return jobs
  }

  #first(heap: Heap<number>): J | undefined {
    return heap.first === undefined ? undefined : this.#keeper.jobAt(heap.first)
  }

  #push(heap: Heap<number>, job: J, key: number): void {
    const place = this.#keeper.placeOf(job)
    this.#keeper.kept(place)
    heap.push(place, key)
  }

  #pop(heap: Heap<number>): void {
    const place = heap.pop()
    if (place !== undefined) this.#keeper.dropped(place)
  }

  /** How many attempts may be under way. `crowded`: places for those that have not answered are getting few. */
  parallel(limit: PaceLimit, crowded: boolean): number {
    if (this.failures > 0 || this.pace.slowedTimes > 0) return 1
    const window = this.pace.window(limit)
    return this.isQuick || !crowded ? window : 1
  }

  /** Attempts that ran side by side with the failed one do not lengthen the rest. */
  fail(startedAt: number, now: number, restMs: (failures: number) => number): void {
    if (startedAt < this.failedAt) return
    this.failures++
    this.proven = false
    this.failedAt = now
    this.pace.lost()
    this.restingUntil = now + restMs(this.failures)
  }

  /** It takes mail: true when it had failed or been too slow before. */
  recover(limit: PaceLimit, tookLong: boolean): boolean {
    const wasSick = this.failures > 0 || this.pace.slowedTimes > 0
    this.proven = true
    this.slow = tookLong
    this.failures = 0
    this.restingUntil = -Infinity
    this.pace.succeeded(limit)
    return wasSick
  }
}
