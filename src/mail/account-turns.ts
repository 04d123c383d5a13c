/**
 * Work that follows accounts at a distance: those that have some take turns, a batch each, so that a large one holds up no other. No command waits
 * for it.
 */

export type Turn = {
  /** Monotonic milliseconds; Infinity while its batch is under way */
  at: number
}

export class AccountTurns<Entry extends Turn> {
  /** Accounts that have something to do, in the order of their turns */
  readonly due = new Map<string, Entry>()
  readonly #tickMs: number
  /** One batch of one account. Sets `at` anew, or takes the account out of `due`. */
  readonly #advance: (account: string, entry: Entry) => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #closing = false

  constructor(tickMs: number, advance: (account: string, entry: Entry) => Promise<void>) {
    this.#tickMs = tickMs
    this.#advance = advance
  }

  get closing(): boolean {
    return this.#closing
  }

  /** `due` has changed. */
  wake(): void {
    if (this.#timer || this.#running || this.#closing || this.due.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#running = this.#run().finally(() => {
        this.#running = undefined
        this.wake()
      })
    }, this.#tickMs).unref()
  }

  async #run(): Promise<void> {
    for (;;) {
      const now = performance.now()
      const turns = [...this.due].filter(([, entry]) => entry.at <= now)
      if (turns.length === 0) return
      for (const [account, entry] of turns) {
        if (this.#closing) return
        if (this.due.get(account) === entry) await this.#advance(account, entry)
      }
    }
  }

  /** Resolves when nothing is under way any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
