/**
 * How fast one may guess. The rule:
 *
 * A failed login counts on three things: the pair of client address and name, the name, and the address. Beyond a number of
 * free failures each makes the next attempt wait, twice as long each time up to a limit; counts melt by one a minute.
 * - A pair that logged in within 30 days is *familiar*: only its own count holds it up. So neither a stranger who guesses at a
 *   name nor a neighbour behind the same address (NAT, a webmail server, an office) locks its people out.
 * - A success clears its pair and nothing else: an attacker with an account of his own gains nothing for his other guesses,
 *   and the owner's telephone does not wipe out the count of those who guess at the owner.
 * - The same wrong password from the same pair again counts once: a telephone that still has the old one tells a guesser
 *   nothing new, and must not hold up its owner.
 * - Addresses that stand for everybody (loopback, our own gateway) are not counted as addresses; pair and name are.
 * IPv6 counts by /64, which is what one household or host gets. Tables are bounded: what was touched longest ago is forgotten.
 */
import ipaddr from 'ipaddr.js'
import type { Clock } from '#base/clock.ts'
import { networkOf } from '#base/network-of.ts'

type Rule = { readonly free: number; readonly firstDelayMs: number; readonly maxDelayMs: number }

/** Enough for the misspellings of one person and their devices. */
const pairRule: Rule = { free: 5, firstDelayMs: 1_000, maxDelayMs: 5 * 60_000 }
/** Guesses from many places; the delay stays short because the owner may come from a new place. */
const nameRule: Rule = { free: 20, firstDelayMs: 1_000, maxDelayMs: 60_000 }
/** Guesses at many names from one place. */
const addressRule: Rule = { free: 20, firstDelayMs: 1_000, maxDelayMs: 5 * 60_000 }
const meltMs = 60_000
const familiarMs = 30 * 24 * 60 * 60_000
/** Of each table: some MB when full. */
const maxEntries = 20_000

type Count = { failures: number; countedAt: number; blockedUntil: number; lastMark: string | undefined }

export class LoginThrottle {
  readonly #clock: Clock
  readonly #isShared: (address: string) => boolean
  readonly #pairs = new Map<string, Count>()
  readonly #names = new Map<string, Count>()
  readonly #addresses = new Map<string, Count>()
  readonly #familiar = new Map<string, number>()

  constructor(clock: Clock, isShared: (address: string) => boolean = isLoopback) {
    this.#clock = clock
    this.#isShared = isShared
  }

  /** Milliseconds until this pair may try; 0 for now. */
  waitMs(address: string, name: string): number {
    const pair = pairKey(address, name)
    const now = this.#clock.monotonic()
    const counts = [this.#pairs.get(pair)]
    const familiarSince = this.#familiar.get(pair)
    if (familiarSince === undefined || now - familiarSince > familiarMs)
      counts.push(this.#names.get(name), this.#addresses.get(networkOf(address)))
    return Math.max(0, ...counts.map(count => (count ? Math.ceil(count.blockedUntil - now) : 0)))
  }

  /** `mark` stands for the password that was wrong, so that its repetition is known; undefined where it never was shown. */
  failed(address: string, name: string, mark: string | undefined): void {
    const pair = this.#count(this.#pairs, pairKey(address, name))
    if (mark !== undefined && pair.lastMark === mark) return
    pair.lastMark = mark
    this.#add(pair, pairRule)
    this.#add(this.#count(this.#names, name), nameRule)
    if (!this.#isShared(address)) this.#add(this.#count(this.#addresses, networkOf(address)), addressRule)
  }

  succeeded(address: string, name: string): void {
    const pair = pairKey(address, name)
    this.#pairs.delete(pair)
    this.#familiar.delete(pair)
    this.#familiar.set(pair, this.#clock.monotonic())
    dropOldest(this.#familiar)
  }

  #add(count: Count, rule: Rule): void {
    const now = this.#clock.monotonic()
    const melted = Math.floor((now - count.countedAt) / meltMs)
    count.failures = Math.max(0, count.failures - melted) + 1
    count.countedAt = now
    const beyond = count.failures - rule.free
    if (beyond > 0)
      count.blockedUntil = now + Math.min(rule.maxDelayMs, rule.firstDelayMs * 2 ** Math.min(beyond - 1, 20))
  }

  /** Reinserted, so that the map's order is that of use. */
  #count(table: Map<string, Count>, key: string): Count {
    const count = table.get(key) ?? {
      failures: 0,
      countedAt: this.#clock.monotonic(),
      blockedUntil: 0,
      lastMark: undefined,
    }
    table.delete(key)
    table.set(key, count)
    dropOldest(table)
    return count
  }
}

/** Many at a time: to find the first key of a map costs more the more were deleted before it. */
function dropOldest(table: Map<string, unknown>): void {
  if (table.size <= maxEntries) return
  let left = maxEntries / 20
  for (const key of table.keys()) {
    if (left-- <= 0) return
    table.delete(key)
  }
}

function pairKey(address: string, name: string): string {
  return `${networkOf(address)} ${name}`
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
