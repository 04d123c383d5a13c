/**
 * Attempts that overtake each other. A sender's retry names the attempt that it lost; that one may still be under way here, or
 * even arrive later out of a slow connection. The retry waits for the former, and leaves its result for the latter.
 */
import { toHex } from '#base/bytes.ts'
import type { LocalResult } from '../delivery.ts'
import type { OneDelivery } from './into-account.ts'
import type { TargetOutcome } from './verdict.ts'

type Which = Pick<OneDelivery, 'account' | 'attempt' | 'canonical' | 'fingerprint'>

/** One for each gone attempt and recipient of a retry; the oldest goes: such a straggler is at most minutes late. */
const maxReplaced = 10_000

export class UnderWay {
  readonly #running = new Map<string, Promise<unknown>>()
  readonly #replaced = new Map<string, LocalResult>()

  /** `deliver`, but in order with the other attempts of this message for this recipient and account. */
  async run(delivery: Which, deliver: () => Promise<TargetOutcome>): Promise<TargetOutcome> {
    const { gone, id } = delivery.attempt
    const key = keyOf(delivery, id)
    const replaced = this.#replaced.get(key)
    if (replaced) return { ...replaced, repeated: true }
    if (gone.length > 0) await Promise.allSettled(gone.flatMap(lost => this.#running.get(keyOf(delivery, lost)) ?? []))
    const running = deliver()
    this.#running.set(key, running)
    try {
      const result = await running
      if (isDecided(result)) for (const lost of gone) this.#replace(keyOf(delivery, lost), result)
      return result
    } finally {
      if (this.#running.get(key) === running) this.#running.delete(key)
    }
  }

  #replace(key: string, result: LocalResult): void {
    this.#replaced.set(key, result)
    for (const oldest of this.#replaced.keys()) {
      if (this.#replaced.size <= maxReplaced) break
      this.#replaced.delete(oldest)
    }
  }
}

function keyOf({ account, canonical, fingerprint }: Which, id: string): string {
  return `${id} ${account} ${toHex(fingerprint)} ${canonical}`
}

/** By the account, once and for all */
function isDecided(outcome: TargetOutcome): outcome is LocalResult {
  return outcome.status === 'stored' || outcome.status === 'discarded' || outcome.status === 'rejected'
}
