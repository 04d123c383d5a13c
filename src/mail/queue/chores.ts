/**
 * Small tasks that must be done once the store says so (sent copies, reports): a few at a time, again after a pause when one
 * fails. What is not done at the end is found in the store at the next start.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '#base/log.ts'
import { closeGraceMs, firstChoreRetryMs, maxChoreRetryMs, parallelChores } from './limits.ts'

type Chore = { readonly key: string; readonly run: () => Promise<void>; failures: number; again: boolean }

export class Chores {
  readonly #log: Log
  readonly #known = new Map<string, Chore>()
  readonly #line: Chore[] = []
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #running = new Set<Promise<void>>()
  #closed = false

  constructor(log: Log) {
    this.#log = log
  }

  /** A key that is in work already is run once more afterwards. `run` must be safe to repeat. */
  add(key: string, run: () => Promise<void>): void {
    const known = this.#known.get(key)
    if (known) {
      known.again = true
      return
    }
    const chore = { key, run, failures: 0, again: false }
    this.#known.set(key, chore)
    this.#enqueue(chore)
  }

  #enqueue(chore: Chore): void {
    this.#line.push(chore)
    while (!this.#closed && this.#running.size < parallelChores && this.#line.length > 0) {
      const running: Promise<void> = this.#run(this.#line.shift() as Chore).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
  }

  async #run(first: Chore): Promise<void> {
    for (let chore: Chore | undefined = first; chore && !this.#closed; chore = this.#line.shift()) {
      try {
        chore.again = false
        await chore.run()
        if (chore.again) this.#line.push(chore)
        else this.#known.delete(chore.key)
      } catch (error) {
        this.#later(chore, error)
      }
    }
  }

  #later(chore: Chore, error: unknown): void {
    chore.failures++
    const pauseMs = Math.min(maxChoreRetryMs, firstChoreRetryMs * 2 ** (chore.failures - 1))
    this.#log.warn('A task of the queue failed and will be tried again', {
      task: chore.key,
      pauseMs,
      error: String(error),
    })
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#enqueue(chore)
    }, pauseMs)
    timer.unref()
    this.#timers.add(timer)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    const timer = new AbortController()
    const grace = pause(closeGraceMs, undefined, { signal: timer.signal }).catch(() => {})
    await Promise.race([Promise.allSettled(this.#running), grace])
    timer.abort()
  }
}
