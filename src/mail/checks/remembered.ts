/** Answers that are remembered for a while, the same question under way asked once. Bounded: what was asked longest ago goes first. */
import type { Clock } from '#base/clock.ts'
import { maxRemembered } from './limits.ts'

type Entry<Value> = { readonly answer: Promise<Value>; until: number }

export class Remembered<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #clock: Clock
  readonly #keptMs: (value: Value) => number
  readonly #maxEntries: number

  /** `keptMs` says for how long an answer holds; a question that fails is not remembered. */
  constructor(clock: Clock, keptMs: (value: Value) => number, maxEntries = maxRemembered) {
    this.#clock = clock
    this.#keptMs = keptMs
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  ask(key: string, question: () => Promise<Value>): Promise<Value> {
    const known = this.#entries.get(key)
    if (known && known.until > this.#clock.monotonic()) return known.answer
    this.#entries.delete(key)
    const entry: Entry<Value> = { answer: question(), until: Number.POSITIVE_INFINITY }
    this.#entries.set(key, entry)
    this.#forgetSome()
    void entry.answer.then(
      value => (entry.until = this.#clock.monotonic() + this.#keptMs(value)),
      () => this.#entries.delete(key),
    )
    return entry.answer
  }

  /** Many at a time: to find the first key of a map costs more the more were deleted before it. */
  #forgetSome(): void {
    if (this.#entries.size <= this.#maxEntries) return
    let left = Math.ceil(this.#maxEntries / 20)
    for (const key of this.#entries.keys()) {
      if (left-- <= 0) return
      this.#entries.delete(key)
    }
  }
}
