/**
 * Which attempt comes next. Pure: time comes in as an argument (monotonic milliseconds), nothing is started here.
 *
 * - A job is one message on its way to one destination. It is ready when its time has come; among ready jobs those never tried
 *   come first, then the oldest message.
 * - One destination has at most `parallelPerDestination` attempts; all together `parallelOverall`, turn by turn, so that a long
 *   queue for one destination does not delay another.
 * - One that has not answered yet gets two, so that many dead ones cannot take all places.
 * - A destination that cannot be reached rests; then one job probes it, and a success frees the others.
 */
import { Heap } from './heap.ts'
import { unprovenParallel } from './limits.ts'

export type Job = {
  readonly destination: string
  /** Milliseconds since 1970, for the order by age */
  readonly receivedAt: number
  attempts: number
  /** Monotonic; not before */
  dueAt: number
  state: 'waiting' | 'ready' | 'trying' | 'held' | 'gone'
  startedAt: number
  /** It waits because its destination was not reachable, not for a reason of its own */
  unreachable: boolean
}

export type ScheduleOptions = {
  readonly parallelPerDestination: number
  readonly parallelOverall: number
  /** How long a destination rests after so many failures in a row */
  readonly restMs: (failures: number) => number
}

type Waiting<J> = { readonly job: J; readonly dueAt: number }
type Ready<J> = { readonly job: J; readonly tried: boolean; readonly receivedAt: number }
type Alarm<J> = { readonly at: number; readonly destination: Destination<J> }

type Destination<J> = {
  readonly key: string
  readonly waiting: Heap<Waiting<J>>
  readonly ready: Heap<Ready<J>>
  /** Jobs that are not gone */
  jobs: number
  active: number
  failures: number
  /** It answered since it was last seen failing */
  proven: boolean
  restingUntil: number
  failedAt: number
  alarmAt: number
}

export class Schedule<J extends Job> {
  readonly #options: ScheduleOptions
  readonly #destinations = new Map<string, Destination<J>>()
  readonly #runnable = new Set<Destination<J>>()
  readonly #alarms = new Heap<Alarm<J>>((a, b) => a.at < b.at)
  #active = 0

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  get active(): number {
    return this.#active
  }

  /** How many attempts in a row did not reach this destination. */
  failures(destination: string): number {
    return this.#destinations.get(destination)?.failures ?? 0
  }

  /** A new job, `waiting` or `held`. */
  add(job: J, now: number): void {
    const destination = this.#destination(job.destination)
    destination.jobs++
    if (job.state === 'waiting') this.#wait(destination, job)
    this.#touch(destination, now)
  }

  /** Jobs to start at this moment; they are `trying` until `finished`. */
  start(now: number): J[] {
    for (let alarm = this.#alarms.first; alarm && alarm.at <= now; alarm = this.#alarms.first) {
      this.#alarms.pop()
      if (alarm.destination.alarmAt === alarm.at) alarm.destination.alarmAt = Infinity
      this.#touch(alarm.destination, now)
    }
    const started: J[] = []
    for (const destination of this.#runnable) {
      if (this.#active >= this.#options.parallelOverall) break
      this.#runnable.delete(destination)
      const job = takeReady(destination)
      if (job) started.push(this.#begin(destination, job, now))
      // Back to the end of the line: a Set iterates what is added meanwhile.
      this.#touch(destination, now)
    }
    return started
  }

  #begin(destination: Destination<J>, job: J, now: number): J {
    job.state = 'trying'
    job.startedAt = now
    destination.active++
    this.#active++
    return job
  }

  /** When `start` is to be asked again, besides after every other call. */
  nextAt(): number | undefined {
    return this.#alarms.first?.at
  }

  /**
   * The attempt is over. `next`: gone for good, held, or again at a time. `reached`: whether the destination answered;
   * undefined when the attempt says nothing about it.
   */
  finished(
    job: J,
    next: 'gone' | 'held' | { readonly dueAt: number },
    reached: boolean | undefined,
    now: number,
  ): void {
    const destination = this.#destination(job.destination)
    destination.active--
    this.#active--
    job.unreachable = reached === false
    if (reached === true) recovered(destination)
    if (reached === false && job.startedAt >= destination.failedAt) this.#rest(destination, now)
    if (next === 'gone') this.#drop(destination, job)
    else if (next === 'held') job.state = 'held'
    else {
      job.dueAt = next.dueAt
      this.#wait(destination, job)
    }
    this.#touch(destination, now)
  }

  /** Attempts that ran side by side with the failed one do not lengthen the rest. */
  #rest(destination: Destination<J>, now: number): void {
    destination.failures++
    destination.proven = false
    destination.failedAt = now
    destination.restingUntil = now + this.#options.restMs(destination.failures)
  }

  /** Not while `trying`: the end of the attempt decides then. */
  hold(job: J): void {
    if (job.state === 'waiting' || job.state === 'ready') job.state = 'held'
  }

  release(job: J, now: number): void {
    if (job.state !== 'held') return
    const destination = this.#destination(job.destination)
    job.dueAt = now
    this.#wait(destination, job)
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
    if (job.state === 'waiting') this.#makeReady(destination, job)
    this.#touch(destination, now)
    return true
  }

  /** Everything that waits is ready. Where the last attempts failed, one probe still goes first. */
  wake(now: number): void {
    for (const destination of this.#destinations.values()) {
      destination.restingUntil = now
      for (const { job, dueAt } of destination.waiting)
        if (job.state === 'waiting' && job.dueAt === dueAt) this.#makeReady(destination, job)
      destination.waiting.clear()
      this.#touch(destination, now)
    }
  }

  #destination(key: string): Destination<J> {
    let destination = this.#destinations.get(key)
    if (!destination) {
      destination = {
        key,
        waiting: new Heap((a, b) => a.dueAt < b.dueAt),
        ready: new Heap(comesFirst),
        jobs: 0,
        active: 0,
        failures: 0,
        proven: false,
        restingUntil: -Infinity,
        failedAt: -Infinity,
        alarmAt: Infinity,
      }
      this.#destinations.set(key, destination)
    }
    return destination
  }

  #wait(destination: Destination<J>, job: J): void {
    job.state = 'waiting'
    destination.waiting.push({ job, dueAt: job.dueAt })
  }

  #makeReady(destination: Destination<J>, job: J): void {
    job.state = 'ready'
    destination.ready.push({ job, tried: job.attempts > 0, receivedAt: job.receivedAt })
  }

  #drop(destination: Destination<J>, job: J): void {
    job.state = 'gone'
    destination.jobs--
  }

  /** Brings a destination up to date: what is due becomes ready, and it stands in line or has an alarm. */
  #touch(destination: Destination<J>, now: number): void {
    if (destination.jobs === 0 && destination.active === 0) {
      this.#runnable.delete(destination)
      if (this.#destinations.get(destination.key) === destination) this.#destinations.delete(destination.key)
      return
    }
    this.#collectDue(destination, now)
    if (this.#canStart(destination, now)) this.#runnable.add(destination)
    else this.#runnable.delete(destination)
    this.#setAlarm(destination, now)
  }

  #collectDue(destination: Destination<J>, now: number): void {
    for (let item = destination.waiting.first; item; item = destination.waiting.first) {
      const current = item.job.state === 'waiting' && item.job.dueAt === item.dueAt
      if (current && item.dueAt > now) break
      destination.waiting.pop()
      if (current) this.#makeReady(destination, item.job)
    }
  }

  #canStart(destination: Destination<J>, now: number): boolean {
    dropStale(destination)
    if (destination.ready.size === 0 || now < destination.restingUntil) return false
    return destination.active < this.#parallel(destination)
  }

  #parallel({ failures, proven }: Destination<J>): number {
    if (failures > 0) return 1
    const { parallelPerDestination } = this.#options
    return proven ? parallelPerDestination : Math.min(unprovenParallel, parallelPerDestination)
  }

  #setAlarm(destination: Destination<J>, now: number): void {
    const due = destination.waiting.first?.dueAt ?? Infinity
    const rested = destination.ready.size > 0 && destination.restingUntil > now ? destination.restingUntil : Infinity
    const at = Math.min(due, rested)
    if (at === Infinity || at >= destination.alarmAt) return
    destination.alarmAt = at
    this.#alarms.push({ at, destination })
  }
}

function comesFirst<J>(a: Ready<J>, b: Ready<J>): boolean {
  return a.tried === b.tried ? a.receivedAt < b.receivedAt : !a.tried
}

function dropStale<J extends Job>(destination: Destination<J>): void {
  while (destination.ready.first && destination.ready.first.job.state !== 'ready') destination.ready.pop()
}

function takeReady<J extends Job>(destination: Destination<J>): J | undefined {
  dropStale(destination)
  return destination.ready.pop()?.job
}

/** It answers again: those that only waited for that need not wait any longer. */
function recovered<J extends Job>(destination: Destination<J>): void {
  destination.proven = true
  if (destination.failures === 0) return
  destination.failures = 0
  destination.restingUntil = -Infinity
  for (const { job, dueAt } of destination.waiting)
    if (job.unreachable && job.state === 'waiting' && job.dueAt === dueAt) {
      job.state = 'ready'
      destination.ready.push({ job, tried: true, receivedAt: job.receivedAt })
    }
}
