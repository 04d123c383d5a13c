/**
 * Which attempt comes next. Pure: time comes in as an argument (monotonic milliseconds), nothing is started here.
 *
 * - A job is one message on its way to one destination. It is ready when its time has come. Submitters take turns, and destinations
 *   within a submitter's mail (fair-lines.ts); among the ready jobs of both, those never tried come first, then the oldest message.
 * - A destination is given as much at a time as it has shown to take (pace.ts), one that has not answered yet two; all together
 *   `parallelOverall`. Attempts that take long give their place back and count only towards `parallelMost`, so that slow destinations
 *   delay no quick ones.
 * - A destination that cannot be reached rests; then one job probes it, and a success frees the others.
 */
import { Destination, type Job, type JobKeeper } from './destination.ts'
import { FairLines } from './fair-lines.ts'
import { Heap } from './heap.ts'
import { maxIdleDestinations, parallelMost, parallelSluggish, slowAfterMs, unprovenPlaceMs } from './limits.ts'
import type { PaceLimit } from './pace.ts'

export type { Job, JobKeeper } from './destination.ts'

export type ScheduleOptions = {
  readonly parallelPerDestination: number
  readonly parallelOverall: number
  /** How long a destination rests after so many failures in a row */
  readonly restMs: (failures: number) => number
  /** How long an attempt at a destination that has not answered yet holds an ordinary place */
  readonly unprovenPlaceMs?: number
  /** What the owner allows for one destination, where that is something else */
  readonly limitOf?: (destination: string) => Partial<PaceLimit> | undefined
}

/** What an attempt showed of its destination: it answered, it did not, it wants less mail at a time; undefined: nothing */
export type Reached = boolean | 'slowed' | undefined

export class Schedule<J extends Job> {
  readonly #options: ScheduleOptions
  readonly #keeper: JobKeeper<J>
  readonly #destinations = new Map<string, Destination<J>>()
  /** Nothing waits for them; the longest idle first */
  readonly #idle = new Set<Destination<J>>()
  readonly #lines = new FairLines<Destination<J>>()
  readonly #alarms = new Heap<Destination<J>>()
  /** Attempts that hold one of the ordinary places, in the order they began: at quick destinations, and at others */
  readonly #fresh = new Set<J>()
  readonly #unproven = new Set<J>()
  /** Attempts at destinations that were not quick when they began */
  readonly #sluggish = new Set<J>()
  /** They could start but for the number of sluggish attempts */
  readonly #crowded = new Set<Destination<J>>()
  #active = 0

  constructor(options: ScheduleOptions, keeper: JobKeeper<J>) {
    this.#options = options
    this.#keeper = keeper
  }

  get active(): number {
    return this.#active
  }

  /** Jobs, held ones too, that are on their way to such destinations. */
  waitingFor(isAsked: (destination: string) => boolean): number {
    let count = 0
    for (const { key, jobs } of this.#destinations.values()) if (jobs > 0 && isAsked(key)) count += jobs
    return count
  }

  /** How many attempts in a row did not get through to this destination. */
  failures(destination: string): number {
    const known = this.#destinations.get(destination)
    return known ? known.failures + known.pace.slowedTimes : 0
  }

  /** A new job, `waiting` or `held`. */
  add(job: J, now: number): void {
    const destination = this.#destination(job.destination)
    destination.jobs++
    this.#keeper.kept(this.#keeper.placeOf(job))
    if (job.state === 'waiting') destination.wait(job)
    this.#touch(destination, now)
  }

  /** Jobs to start at this moment; they are `trying` until `finished`. */
  start(now: number): J[] {
    for (let at = this.#alarms.firstKey; at !== undefined && at <= now; at = this.#alarms.firstKey) {
      const destination = this.#alarms.pop() as Destination<J>
      if (destination.alarmAt === at) destination.alarmAt = Infinity
      this.#touch(destination, now)
    }
    this.#giveBackPlaces(now)
    const started: J[] = []
    while (this.#hasPlace()) {
      const turn = this.#lines.next()
      if (!turn) break
      const { job, more } = turn.place.take(turn.flow)
      if (job) started.push(this.#begin(turn.place, job, now))
      this.#touch(turn.place, now)
      if (more) this.#lines.add(turn.flow, turn.place)
    }
    return started
  }

  #hasPlace(): boolean {
    const taken = this.#fresh.size + this.#unproven.size
    return taken < this.#options.parallelOverall && this.#active < parallelMost
  }

  get #unprovenPlaceMs(): number {
    return this.#options.unprovenPlaceMs ?? unprovenPlaceMs
  }

  /** What has run for long does not count among the ordinary places. */
  #giveBackPlaces(now: number): void {
    for (const job of this.#fresh) {
      if (job.startedAt + slowAfterMs > now) break
      this.#fresh.delete(job)
    }
    for (const job of this.#unproven) {
      if (job.startedAt + this.#unprovenPlaceMs > now) break
      this.#unproven.delete(job)
    }
  }

  #begin(destination: Destination<J>, job: J, now: number): J {
    job.state = 'trying'
    job.startedAt = now
    this.#keeper.kept(this.#keeper.placeOf(job))
    destination.active++
    destination.pace.started(now, this.#limit(destination))
    this.#active++
    if (destination.isQuick) this.#fresh.add(job)
    else {
      this.#unproven.add(job)
      this.#sluggish.add(job)
    }
    return job
  }

  /** When `start` is to be asked again, besides after every other call. */
  nextAt(): number | undefined {
    const alarmAt = this.#alarms.firstKey
    if (this.#lines.isEmpty || this.#hasPlace()) return alarmAt
    const [quick] = this.#fresh
    const [other] = this.#unproven
    const freeAt = Math.min(
      quick ? quick.startedAt + slowAfterMs : Infinity,
      other ? other.startedAt + this.#unprovenPlaceMs : Infinity,
    )
    return freeAt === Infinity ? alarmAt : Math.min(alarmAt ?? Infinity, freeAt)
  }

  /** The attempt is over. `next`: gone for good, held, or again at a time. */
  finished(job: J, next: 'gone' | 'held' | { readonly dueAt: number }, reached: Reached, now: number): void {
    const destination = this.#destination(job.destination)
    destination.active--
    this.#active--
    this.#fresh.delete(job)
    this.#unproven.delete(job)
    const gavePlace = this.#sluggish.delete(job)
    job.unreachable = reached === false || reached === 'slowed'
    if (reached === true) this.#recovered(destination, now - job.startedAt > slowAfterMs)
    if (reached === false) destination.fail(job.startedAt, now, this.#options.restMs)
    if (reached === 'slowed') destination.pace.slowDown(job.startedAt, now)
    if (next === 'gone') this.#drop(destination, job)
    else if (next === 'held') job.state = 'held'
    else {
      job.dueAt = next.dueAt
      destination.wait(job)
    }
    this.#keeper.dropped(this.#keeper.placeOf(job))
    this.#touch(destination, now)
    if (gavePlace) this.#letOneIn(now)
  }

  /** It answers again: those that only waited for that need not wait any longer. */
  #recovered(destination: Destination<J>, tookLong: boolean): void {
    if (!destination.recover(this.#limit(destination), tookLong)) return
    for (const job of destination.waitingJobs(true)) this.#makeReady(destination, job)
  }

  #letOneIn(now: number): void {
    for (const destination of this.#crowded) {
      this.#crowded.delete(destination)
      this.#touch(destination, now)
      if (destination.open) return
    }
  }

  /** Not while `trying`: the end of the attempt decides then. */
  hold(job: J): void {
    if (job.state === 'waiting' || job.state === 'ready') job.state = 'held'
  }

  release(job: J, now: number): void {
    if (job.state !== 'held') return
    const destination = this.#destination(job.destination)
    job.dueAt = Math.max(now, job.releaseAt)
    destination.wait(job)
    this.#touch(destination, now)
  }

  /** Not while `trying`. */
  remove(job: J, now: number): void {
    if (job.state === 'gone' || job.state === 'trying') return
    const destination = this.#destination(job.destination)
    this.#drop(destination, job)
    this.#touch(destination, now)
  }

  /** Somebody asks for it: its destination's rest ends too. */
  retry(job: J, now: number): boolean {
    if (job.state !== 'waiting' && job.state !== 'ready') return false
    const destination = this.#destination(job.destination)
    destination.restingUntil = now
    destination.pace.wake(now)
    if (job.state === 'waiting') this.#makeReady(destination, job)
    this.#touch(destination, now)
    return true
  }

  /** Everything that waits is ready. Where the last attempts failed, one probe still goes first. */
  wake(now: number): void {
    for (const destination of this.#destinations.values()) {
      destination.restingUntil = now
      for (const job of destination.waitingJobs(false)) if (job.releaseAt <= now) this.#makeReady(destination, job)
      this.#touch(destination, now)
    }
  }

  #limit({ key }: Destination<J>): PaceLimit {
    const own = this.#options.limitOf?.(key)
    return { parallel: own?.parallel ?? this.#options.parallelPerDestination, perMinute: own?.perMinute }
  }

  #destination(key: string): Destination<J> {
    let destination = this.#destinations.get(key)
    if (!destination) this.#destinations.set(key, (destination = new Destination<J>(key, this.#keeper)))
    return destination
  }

  #makeReady(destination: Destination<J>, job: J): void {
    this.#lines.add(destination.makeReady(job), destination)
  }

  #drop(destination: Destination<J>, job: J): void {
    job.state = 'gone'
    destination.jobs--
    this.#keeper.dropped(this.#keeper.placeOf(job))
  }

  /** Brings a destination up to date: what is due becomes ready, and it stands in line or has an alarm. */
  #touch(destination: Destination<J>, now: number): void {
    if (destination.jobs === 0 && destination.active === 0) return this.#rememberIdle(destination)
    this.#idle.delete(destination)
    for (const job of destination.due(now)) this.#makeReady(destination, job)
    destination.open = this.#canStart(destination, now)
    if (destination.open) this.#lines.opened(destination)
    this.#setAlarm(destination, now)
  }

  #canStart(destination: Destination<J>, now: number): boolean {
    if (!destination.hasReady || now < destination.closedUntil) return false
    const crowded = this.#sluggish.size >= parallelSluggish / 4
    if (destination.active >= destination.parallel(this.#limit(destination), crowded)) return false
    if (destination.isQuick || this.#sluggish.size < parallelSluggish) return true
    this.#crowded.add(destination)
    return false
  }

  /** Its pace is kept for a while: the next letter need not learn it anew. */
  #rememberIdle(destination: Destination<J>): void {
    destination.open = false
    destination.failures = 0
    destination.restingUntil = -Infinity
    this.#idle.delete(destination)
    this.#idle.add(destination)
    this.#crowded.delete(destination)
    for (const oldest of this.#idle) {
      if (this.#idle.size <= maxIdleDestinations) break
      this.#idle.delete(oldest)
      this.#destinations.delete(oldest.key)
    }
  }

  #setAlarm(destination: Destination<J>, now: number): void {
    const due = destination.nextDueAt ?? Infinity
    const { closedUntil } = destination
    const rested = destination.hasReady && closedUntil > now ? closedUntil : Infinity
    const at = Math.min(due, rested)
    if (at === Infinity || at >= destination.alarmAt) return
    destination.alarmAt = at
    this.#alarms.push(destination, at)
  }
}
