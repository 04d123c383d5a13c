/**
 * Whether cards have an address: asked with every letter that comes. Accounts without any are remembered; of others one row is read by key.
 * Deliveries that wait for their commit are not waited for: no card is among them.
 */
import type { AccountNotice } from '#store/account/operations.ts'
import type { AccountStore } from '#store/account/store.ts'
import { hasContactAddress, hasContactAddresses } from '#store/account/tables/contact-card.ts'
import { maxRememberedUsage } from './account-limits.ts'
import { readCommitted } from './account-read.ts'
import type { AccountId } from './ids.ts'

export class ContactSenders {
  readonly #store: AccountStore
  readonly #open: (account: AccountId) => Promise<unknown>
  readonly #without = new Set<string>()

  /** `open`: brings the database to this release's form */
  constructor(store: AccountStore, open: (account: AccountId) => Promise<unknown>) {
    this.#store = store
    this.#open = open
  }

  /** `address`: canonical */
  async has(account: AccountId, address: string): Promise<boolean> {
    if (this.#without.has(account)) return false
    await this.#open(account)
    return await readCommitted(this.#store, account, database => {
      if (hasContactAddress(database, address)) return true
      // within the same turn as the read: what is committed after it is noticed after it
      if (!hasContactAddresses(database)) this.#remember(account)
      return false
    })
  }

  noticed({ account, objects }: AccountNotice): void {
    if (objects.some(({ kind }) => kind === 'ContactCard')) this.#without.delete(account)
  }

  /** Some notices were lost. */
  forgetAll(): void {
    this.#without.clear()
  }

  #remember(account: AccountId): void {
    this.#without.add(account)
    if (this.#without.size > maxRememberedUsage)
      for (const oldest of this.#without) return void this.#without.delete(oldest)
  }
}
