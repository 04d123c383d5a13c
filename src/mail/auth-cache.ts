/**
 * Logins that succeeded lately, so that a client with twenty connections costs one hash. Only successes are kept, under a
 * hash whose key dies with the process; the account's state is not in here and is read each time.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import type { Credential } from './auth-credentials.ts'

const keptMs = 10 * 60_000
/** About 200 octets each */
const maxEntries = 10_000

export class LoginCache {
  readonly #clock: Clock
  readonly #key = randomBytes(32)
  /** Hash to the moment until which it counts, in the order of making */
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Stands for account, password and the password's version; tells nothing about any of them. */
  mark(credential: Pick<Credential, 'account' | 'version'>, password: string): string {
    return createHmac('sha256', this.#key)
      .update(`${credential.account}\0${credential.version}\0`)
      .update(password)
      .digest('base64')
  }

  has(mark: string): boolean {
    const until = this.#until.get(mark)
    if (until === undefined) return false
    if (until > this.#clock.monotonic()) return true
    this.#until.delete(mark)
    return false
  }

  /** The ten minutes run from the first success: a password is hashed anew now and then. */
  add(mark: string): void {
    this.#until.set(mark, this.#clock.monotonic() + keptMs)
    if (this.#until.size <= maxEntries) return
    const [oldest] = this.#until.keys()
    if (oldest !== undefined) this.#until.delete(oldest)
  }
}
