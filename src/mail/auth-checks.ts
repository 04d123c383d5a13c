/** Password hashes under way: the same question is answered once, and guesses do not run ahead of their count. */
import type { Credential } from './auth-credentials.ts'
import { maxPasswordBytes } from './directory/limits.ts'
import type { Passwords } from './passwords/passwords.ts'

/** Different passwords for one pair of address and name that may be looked at together. */
const maxAtOnce = 3

export class PasswordChecks {
  readonly #passwords: Passwords
  readonly #underWay = new Map<string, Map<string, Promise<boolean>>>()

  constructor(passwords: Passwords) {
    this.#passwords = passwords
  }

  /** `pair`: who asks for whom; `mark`: which password. Undefined when too many others are being looked at. */
  async isRight(
    pair: string,
    mark: string,
    credential: Credential | undefined,
    password: string,
  ): Promise<boolean | undefined> {
    const others = this.#underWay.get(pair) ?? new Map<string, Promise<boolean>>()
    const same = others.get(mark)
    if (same) return same
    if (others.size >= maxAtOnce) return undefined
    this.#underWay.set(pair, others)
    const answer = this.#verify(credential, password).finally(() => {
      others.delete(mark)
      if (others.size === 0) this.#underWay.delete(pair)
    })
    others.set(mark, answer)
    return answer
  }

  /** Takes about as long for a name that does not exist or may not log in. */
  async #verify(credential: Credential | undefined, password: string): Promise<boolean> {
    if (Buffer.byteLength(password) > maxPasswordBytes || password.includes('\0')) return false
    if (!credential?.enabled || credential.hash === undefined) return this.#passwords.verifyNothing(password)
    return this.#passwords.verify(password, credential.hash)
  }
}
