/** How much each account holds, octets: known from its last commit, read once where nothing has been committed yet. */
import type { AccountStore } from '#store/account/store.ts'
import { readCounters } from '#store/account/tables/counters.ts'
import { maxRememberedUsage } from './account-limits.ts'
import type { AccountId } from './ids.ts'

export class UsedBytes {
  readonly #store: AccountStore
  readonly #open: (account: AccountId) => Promise<unknown>
  readonly #known = new Map<string, number>()

  /** `open`: brings the database to this release's form */
  constructor(store: AccountStore, open: (account: AccountId) => Promise<unknown>) {
    this.#store = store
    this.#open = open
  }

  async of(account: AccountId): Promise<number> {
    const known = this.#known.get(account)
    if (known !== undefined) return known
    await this.#open(account)
    await this.#store.settle(account)
    const used = readCounters(this.#store.reader(account))?.usedBytes ?? 0
    this.remember(account, used)
    return used
  }

  remember(account: string, usedBytes: number): void {
    this.#known.delete(account)
    this.#known.set(account, usedBytes)
    if (this.#known.size > maxRememberedUsage)
      for (const oldest of this.#known.keys()) return void this.#known.delete(oldest)
  }

  forget(account: AccountId): void {
    this.#known.delete(account)
  }
}
