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
const maxTickets = 1_000

export class Tickets {
  readonly #clock: Clock
  readonly #key: Uint8Array
  /** By hash, in the order of making */
  readonly #open = new Map<string, { readonly account: AccountId; readonly until: number }>()

  constructor(clock: Clock, key: Uint8Array) {
    this.#clock = clock
    this.#key = key
  }

  make(account: AccountId, lifetimeMs = ownersMs): { readonly ticket: string; readonly expiresInMs: number } {
    const ticket = newSecret()
    this.#open.set(this.#hash(ticket), { account, until: this.#clock.monotonic() + lifetimeMs })
    const [oldest] = this.#open.keys()
    if (this.#open.size > maxTickets && oldest !== undefined) this.#open.delete(oldest)
    return { ticket, expiresInMs: lifetimeMs }
  }

  /** Whose it was; it is nobody's afterwards. */
  redeem(ticket: string): AccountId | undefined {
    const hash = this.#hash(ticket)
    const found = this.#open.get(hash)
    this.#open.delete(hash)
    return found && found.until > this.#clock.monotonic() ? found.account : undefined
  }

  #hash(ticket: string): string {
    return secretHash(this.#key, 'ticket', ticket)
  }
}
