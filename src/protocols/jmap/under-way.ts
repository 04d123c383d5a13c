/** How much of something each account has under way. */
import type { AccountId } from '#mail/ids.ts'

export class UnderWay {
  readonly #limit: number
  readonly #counts = new Map<AccountId, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Undefined: as many as may be. Dispose when it is over. */
  begin(account: AccountId): Disposable | undefined {
    const count = this.#counts.get(account) ?? 0
    if (count >= this.#limit) return undefined
    this.#counts.set(account, count + 1)
    return { [Symbol.dispose]: () => this.#end(account) }
  }

  #end(account: AccountId): void {
    const left = (this.#counts.get(account) ?? 1) - 1
    if (left > 0) this.#counts.set(account, left)
    else this.#counts.delete(account)
  }
}
