/** The accounts that are open: opened on demand, and let go when nobody has looked into them for long and there are many. */
import { ThreadFailure } from '#store/thread.ts'
import type { AccountFollower } from './account-follower.ts'
import { maxIdleAccounts } from './account-limits.ts'
import { OpenAccount } from './account-object.ts'
import type { AccountSurroundings } from './account-surroundings.ts'
import type { AccountId } from './ids.ts'

export class OpenedAccounts {
  readonly #around: AccountSurroundings
  readonly #followers: readonly AccountFollower[]
  /** The one asked for last stands at the end */
  readonly #opening = new Map<AccountId, Promise<OpenAccount>>()
  readonly #present = new Map<AccountId, OpenAccount>()

  constructor(around: AccountSurroundings, followers: readonly AccountFollower[]) {
    this.#around = around
    this.#followers = followers
  }

  open(id: AccountId): Promise<OpenAccount> {
    let opening = this.#opening.get(id)
    if (opening) this.#opening.delete(id)
    else opening = this.#openOne(id)
    this.#opening.set(id, opening)
    return opening
  }

  async #openOne(id: AccountId): Promise<OpenAccount> {
    requireAccountId(id)
    const { search, store } = this.#around
    try {
      // The writer brings the database to this release's form; only then is it read here
      await store.write(id, 'open', {})
      if (!this.#opening.has(id)) throw accountGone()
      const made = new OpenAccount(id, this.#around)
      this.#present.set(id, made)
      search.look(id)
      for (const follower of this.#followers) follower.look(id)
      this.#trimIdle()
      return made
    } catch (error) {
      this.#opening.delete(id)
      throw error
    }
  }

  #trimIdle(): void {
    if (this.#present.size <= maxIdleAccounts) return
    for (const [id] of this.#opening) {
      const one = this.#present.get(id)
      if (!one || one.isWatched || this.#around.heads.isOpen(id)) continue
      this.forget(id)
      return
    }
  }

  present(id: AccountId): OpenAccount | undefined {
    return this.#present.get(id)
  }

  allPresent(): Iterable<readonly [AccountId, OpenAccount]> {
    return this.#present
  }

  isWatched(id: AccountId): boolean {
    return this.#present.get(id)?.isWatched ?? false
  }

  forget(id: AccountId): void {
    this.#opening.delete(id)
    this.#present.delete(id)
  }
}

/** It was forgotten while it was being opened: who follows it would follow what is being removed. */
function accountGone(): ThreadFailure {
  return new ThreadFailure('The account is being removed', 'NO_ACCOUNT')
}

/** An id names a folder: nothing else may get through. */
export function requireAccountId(id: AccountId): void {
  if (!/^[a-z2-7]{16}$/.test(id)) throw new Error('Not an account id')
}
