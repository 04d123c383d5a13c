/** What has changed is asked for in rounds, one at a time: whoever asks while one is under way gets another one behind it. */

export type RoundsParts = {
  /** True: there is more */
  readonly round: () => Promise<boolean>
  /** Instead of more than so many rounds in a row */
  readonly most: number
  /** All is read anew. True: what has changed meanwhile is to be asked for. It must not wait for `now`, which waits for it. */
  readonly anew: () => Promise<boolean>
}

export class Rounds {
  readonly #parts: RoundsParts
  #running: Promise<void> = Promise.resolve()
  #isRunning = false
  #again = false

  constructor(parts: RoundsParts) {
    this.#parts = parts
  }

  /** Resolves when all that was true at the call is known. */
  now(): Promise<void> {
    if (this.#isRunning) this.#again = true
    else this.#running = this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    const { round, most, anew } = this.#parts
    this.#isRunning = true
    try {
      for (let count = 0; ; count++) {
        this.#again = false
        let hasMore = await round()
        if (hasMore && count >= most) {
          hasMore = await anew()
          count = 0
        }
        if (!hasMore && !this.#again) return
      }
    } finally {
      this.#isRunning = false
    }
  }
}
