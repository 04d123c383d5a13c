import type { Clock } from '#base/clock.ts'
import type { AccountId } from '../ids.ts'
import { maxRatedUsers } from './limits.ts'

export type SubmissionRate = {
  /** Takes one recipient of the user's measure; false when it is used up. */
  take(account: AccountId): boolean
  /** So many that were taken were not written to after all. */
  giveBack(account: AccountId, recipients: number): void
}

const hourMs = 3600 * 1000

/** A measure of `measure()` for each user, which fills again evenly. */
export function createSubmissionRate(measure: () => number, clock: Pick<Clock, 'monotonic'>): SubmissionRate {
  const measures = new Map<AccountId, { left: number; at: number }>()
  return {
    take(account) {
      const now = clock.monotonic()
      const perHour = measure()
      if (perHour === Infinity) return true
      const before = measures.get(account) ?? { left: perHour, at: now }
      const left = Math.min(perHour, before.left + ((now - before.at) * perHour) / hourMs)
      measures.delete(account)
      measures.set(account, { left: left >= 1 ? left - 1 : left, at: now })
      for (const oldest of measures.keys()) {
        if (measures.size <= maxRatedUsers) break
        measures.delete(oldest)
      }
      return left >= 1
    },
    giveBack(account, recipients) {
      const measureOf = measures.get(account)
      if (measureOf) measureOf.left = Math.min(measure(), measureOf.left + recipients)
    },
  }
}
