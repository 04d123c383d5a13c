/**
 * What one account has sent lately: counts in hours, and whom it knows. Plain data; time comes in as an argument, by the wall clock, since
 * counts outlive a start. Hours slide, so nothing happens at midnight.
 */
import { maxKnownRecipients } from './limits.ts'

export type CountKind = 'messages' | 'recipients' | 'newRecipients' | 'failures' | 'scripted'

export type SendingLimits = {
  readonly messagesPerHour: number
  readonly messagesPerDay: number
  readonly recipientsPerHour: number
  readonly recipientsPerDay: number
  /** Recipients that the account has not written to before */
  readonly newRecipientsPerDay: number
  /** Recipients that were refused for good */
  readonly failuresPerDay: number
  /** Redirects, replies and notifications that the account's script has sent */
  readonly scriptedPerHour: number
  readonly scriptedPerDay: number
}

/** Which limit was passed */
export type Passed = keyof SendingLimits

const hourMs = 3600 * 1000
const hoursKept = 24

/** As it is written down */
export type CountsState = {
  readonly hours: readonly { readonly hour: number; readonly counts: Partial<Record<CountKind, number>> }[]
  readonly known: readonly string[]
}

export class Counts {
  readonly #hours = new Map<number, Partial<Record<CountKind, number>>>()
  readonly #known: Set<string>
  changed = false

  constructor(state: CountsState = { hours: [], known: [] }) {
    for (const { hour, counts } of state.hours) this.#hours.set(hour, { ...counts })
    this.#known = new Set(state.known)
  }

  add(kind: CountKind, count: number, now: number): void {
    this.#bringBack(now)
    const hour = Math.floor(now / hourMs)
    const counts = this.#hours.get(hour) ?? {}
    counts[kind] = (counts[kind] ?? 0) + count
    this.#hours.set(hour, counts)
    for (const old of this.#hours.keys()) if (hour - old > hoursKept) this.#hours.delete(old)
    this.changed = true
  }

  /** A clock that was wrong and was set back: what lies in the future was sent before now, and counts as sent just now. */
  #bringBack(now: number): void {
    const hour = Math.floor(now / hourMs)
    for (const [future, counts] of this.#hours) {
      if (future <= hour) continue
      this.#hours.delete(future)
      const present = this.#hours.get(hour) ?? {}
      for (const [kind, count] of Object.entries(counts) as [CountKind, number][])
        present[kind] = (present[kind] ?? 0) + count
      this.#hours.set(hour, present)
      this.changed = true
    }
  }

  /** Remembers them; how many were new. `keys`: short hashes of addresses. */
  meet(keys: readonly string[]): number {
    let fresh = 0
    for (const key of keys) {
      if (!this.#known.delete(key)) fresh++
      this.#known.add(key)
    }
    for (const oldest of this.#known) {
      if (this.#known.size <= maxKnownRecipients) break
      this.#known.delete(oldest)
    }
    this.changed = true
    return fresh
  }

  /** Of the last so many hours. The oldest counts in part, by how much of it lies within. */
  within(kind: CountKind, hours: number, now: number): number {
    this.#bringBack(now)
    const last = now / hourMs
    let sum = 0
    for (const [hour, counts] of this.#hours) {
      const overlap = Math.min(hour + 1, last) - Math.max(hour, last - hours)
      const whole = Math.max(0, Math.min(1, hour + 1 > last ? 1 : overlap))
      sum += (counts[kind] ?? 0) * whole
    }
    return sum
  }

  /** The first limit that is passed; 0 is no limit. */
  passed(limits: SendingLimits, now: number): Passed | undefined {
    const checks: readonly (readonly [Passed, CountKind, number])[] = [
      ['messagesPerHour', 'messages', 1],
      ['recipientsPerHour', 'recipients', 1],
      ['newRecipientsPerDay', 'newRecipients', 24],
      ['failuresPerDay', 'failures', 24],
      ['scriptedPerHour', 'scripted', 1],
      ['scriptedPerDay', 'scripted', 24],
      ['messagesPerDay', 'messages', 24],
      ['recipientsPerDay', 'recipients', 24],
    ]
    return checks.find(
      ([limit, kind, hours]) => limits[limit] > 0 && this.within(kind, hours, now) > limits[limit],
    )?.[0]
  }

  /** Somebody has looked at it: the counts begin anew, whom the account knows stays. */
  forgive(): void {
    this.#hours.clear()
    this.changed = true
  }

  state(): CountsState {
    return { hours: [...this.#hours].map(([hour, counts]) => ({ hour, counts })), known: [...this.#known] }
  }
}
