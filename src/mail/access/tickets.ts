/**
 * Links that open signed in: made by the owner of the machine, or by somebody who is signed in and has proved it once more; good once, and for
 * minutes. They live in memory.
 */
import type { Clock } from '#base/clock.ts'
import type { AccountId } from '../ids.ts'
import { newSecret, secretHash } from './secrets.ts'

const ownersMs = 10 * 60_000
/** For the person's own phone, which is at hand */
export const ownTicketMs = 2 * 60_000
const maxTickets = 10_000
/** Of one account: who makes very many pushes out his own */
const maxOfAccount = 10

export class Tickets {
  readonly #clock: Clock
  readonly #key: Uint8Array
  /** By hash, in the order of making */
  readonly #open = new Map<string, { readonly account: AccountId; readonly until: number }>()
  readonly #ofAccount = new Map<AccountId, Set<string>>()

  constructor(clock: Clock, key: Uint8Array) {
    this.#clock = clock
    this.#key = key
  }

  make(account: AccountId, lifetimeMs = ownersMs): { readonly ticket: string; readonly expiresInMs: number } {
    const ticket = newSecret()
    const own = this.#ofAccount.get(account) ?? new Set()
    this.#ofAccount.set(account, own)
    const hash = this.#hash(ticket)
    own.add(hash)
    this.#open.set(hash, { account, until: this.#clock.monotonic() + lifetimeMs })
    if (own.size > maxOfAccount) this.#forget(first(own))
    if (this.#open.size > maxTickets) this.#forget(first(this.#open.keys()))
    return { ticket, expiresInMs: lifetimeMs }
  }

  /** Whose it was; it is nobody's afterwards. */
  redeem(ticket: string): AccountId | undefined {
    const hash = this.#hash(ticket)
    const found = this.#open.get(hash)
    this.#forget(hash)
    return found && found.until > this.#clock.monotonic() ? found.account : undefined
  }

  #forget(hash: string | undefined): void {
    const found = hash === undefined ? undefined : this.#open.get(hash)
    if (hash === undefined || !found) return
    this.#open.delete(hash)
    const own = this.#ofAccount.get(found.account)
    own?.delete(hash)
    if (own?.size === 0) this.#ofAccount.delete(found.account)
  }

  #hash(ticket: string): string {
    return secretHash(this.#key, 'ticket', ticket)
  }
}

function first(hashes: Iterable<string>): string | undefined {
  for (const hash of hashes) return hash
  return undefined
}
