/**
 * Challenges that are known again without being kept: a moment, a nonce and a mark under a key of the process. One that was answered rightly is
 * remembered while it would be good, so that it is answered once; nobody can push it out by asking for others.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import { hmacSha256 } from '#base/hmac.ts'

const goodMs = 5 * 60_000

export class Challenges {
  readonly #clock: Clock
  readonly #mac = hmacSha256(randomBytes(32))
  /** Answered ones, until when they would be good */
  readonly #used = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** base64url, of 40 octets */
  make(purpose: string): string {
    const head = Buffer.alloc(24)
    head.writeDoubleBE(this.#clock.monotonic() + goodMs)
    randomBytes(16).copy(head, 8)
    return Buffer.concat([head, this.#mark(purpose, head)]).toString('base64url')
  }

  isGood(purpose: string, challenge: string): boolean {
    const bytes = Buffer.from(challenge, 'base64url')
    if (bytes.length !== 40 || this.#used.has(challenge)) return false
    const head = bytes.subarray(0, 24)
    return (
      timingSafeEqual(bytes.subarray(24), this.#mark(purpose, head)) && head.readDoubleBE() > this.#clock.monotonic()
    )
  }

  /** False: it has been used already. */
  use(challenge: string): boolean {
    const now = this.#clock.monotonic()
    for (const [old, until] of this.#used) if (until <= now) this.#used.delete(old)
    if (this.#used.has(challenge)) return false
    this.#used.set(challenge, now + goodMs)
    return true
  }

  #mark(purpose: string, head: Uint8Array): Buffer {
    return this.#mac(`${purpose}\0`, head).subarray(0, 16)
  }
}
