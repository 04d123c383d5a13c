/**
 * How fast one destination is given mail. A window of attempts side by side that begins small, doubles with each round of successes
 * and later grows by one a round, as TCP's does; when the destination says that we are too fast, the window is halved and a gap between
 * starts appears, which each success shortens. Time comes in as an argument, monotonic milliseconds.
 */
import { firstGapMs, firstSlowedRestMs, leastGapMs, maxGapMs, maxSlowedRestMs, unprovenParallel } from './limits.ts'

/** What the owner allows for one destination */
export type PaceLimit = {
  readonly parallel: number
  /** Starts a minute; no limit when absent */
  readonly perMinute?: number | undefined
}

export class Pace {
  #window = unprovenParallel
  #threshold = Infinity
  #gapMs = 0
  #nextStartAt = -Infinity
  #slowedAt = -Infinity
  /** In a row, without a success */
  slowedTimes = 0

  /** Attempts side by side */
  window({ parallel }: PaceLimit): number {
    return Math.max(1, Math.min(Math.floor(this.#window), parallel))
  }

  /** No start before this */
  get pausedUntil(): number {
    return this.#nextStartAt
  }

  started(now: number, { perMinute }: PaceLimit): void {
    const gap = Math.max(this.#gapMs, perMinute === undefined ? 0 : 60_000 / perMinute)
    if (gap > 0) this.#nextStartAt = Math.max(this.#nextStartAt, now) + gap
  }

  succeeded({ parallel }: PaceLimit): void {
    this.slowedTimes = 0
    this.#gapMs = this.#gapMs * 0.8 < leastGapMs ? 0 : this.#gapMs * 0.8
    this.#window = Math.min(parallel, this.#window + (this.#window < this.#threshold ? 1 : 1 / this.#window))
  }

  /** `startedAt`: of the attempt that heard it; those that ran side by side with the first are one event. */
  slowDown(startedAt: number, now: number): void {
    if (startedAt < this.#slowedAt) return
    this.#slowedAt = now
    this.#threshold = Math.max(1, this.#window / 2)
    this.#window = this.#threshold
    this.#gapMs = Math.min(maxGapMs, Math.max(firstGapMs, this.#gapMs * 2))
    const restMs = Math.min(maxSlowedRestMs, firstSlowedRestMs * 2 ** this.slowedTimes)
    this.slowedTimes++
    this.#nextStartAt = Math.max(this.#nextStartAt, now + restMs)
  }

  /** Not reached at all: what was learned of its speed is old by the time it comes back. */
  lost(): void {
    this.#window = Math.min(this.#window, unprovenParallel)
  }

  /** Somebody asks for it now. */
  wake(now: number): void {
    this.#nextStartAt = Math.min(this.#nextStartAt, now)
  }
}
