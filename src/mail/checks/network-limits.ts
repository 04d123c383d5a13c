/**
 * How many connections a network has open, and how many it opens in a minute; and how many names that do not exist it asked for. Networks
 * are a /24 of IPv4, a /64 and a /48 of IPv6. Bounded: what was touched longest ago is forgotten.
 */
import ipaddr from 'ipaddr.js'
import type { Clock } from '#base/clock.ts'
import { maxNetworks } from './limits.ts'

export type NetworkLimitSettings = {
  readonly connectionsPerNetwork: number
  /** New connections of one network within a minute */
  readonly connectionsPerMinute: number
}

export type Entrance = {
  readonly kind: 'open'
  /** Costs the network as much as a connection does */
  misbehaved(): void
  leave(): void
}
export type Refused = {
  readonly kind: 'refused'
  readonly why: 'too-many-open' | 'too-fast'
  readonly network: string
  /** Nobody of this network was refused within the last minute: worth an event, where a flood is not */
  readonly isFirst: boolean
}

type Count = { open: number; tokens: number; countedAt: number; refusedAt: number }

const minuteMs = 60_000

export class NetworkLimits {
  readonly #clock: Clock
  readonly #maxNetworks: number
  readonly #counts = new Map<string, Count>()

  constructor(clock: Clock, max = maxNetworks) {
    this.#clock = clock
    this.#maxNetworks = max
  }

  get size(): number {
    return this.#counts.size
  }

  enter(address: string, settings: NetworkLimitSettings): Entrance | Refused {
    const networks = networksOf(address).map(({ name, share }) => ({
      name,
      maxOpen: settings.connectionsPerNetwork * share,
      count: this.#count(name, settings.connectionsPerMinute * share),
    }))
    for (const { name, maxOpen, count } of networks) {
      const why = count.open >= maxOpen ? 'too-many-open' : count.tokens < 1 ? 'too-fast' : undefined
      if (why) return { kind: 'refused', why, network: name, isFirst: this.#isFirstRefusal(count) }
    }
    for (const { count } of networks) {
      count.open++
      count.tokens--
    }
    return {
      kind: 'open',
      misbehaved: () => networks.forEach(({ count }) => count.tokens--),
      leave: () => networks.forEach(({ count }) => count.open--),
    }
  }

  #isFirstRefusal(count: Count): boolean {
    const now = this.#clock.monotonic()
    const isFirst = now - count.refusedAt >= minuteMs
    if (isFirst) count.refusedAt = now
    return isFirst
  }

  /** Tokens grow by `perMinute` a minute, up to as many. */
  #count(network: string, perMinute: number): Count {
    const now = this.#clock.monotonic()
    const known = this.#counts.get(network)
    this.#counts.delete(network)
    const count = known ?? { open: 0, tokens: perMinute, countedAt: now, refusedAt: Number.NEGATIVE_INFINITY }
    count.tokens = Math.min(perMinute, count.tokens + ((now - count.countedAt) / minuteMs) * perMinute)
    count.countedAt = now
    this.#counts.set(network, count)
    this.#forgetSome()
    return count
  }

  /** Many at a time: to find the first key of a map costs more the more were deleted before it. One with open connections is kept. */
  #forgetSome(): void {
    if (this.#counts.size <= this.#maxNetworks) return
    let left = Math.ceil(this.#maxNetworks / 20)
    for (const [network, count] of this.#counts) {
      if (left-- <= 0) return
      if (count.open === 0) this.#counts.delete(network)
    }
  }
}

/** From the narrow to the wide, by one name each. A /48 may do as much as four of its /64 */
export function networksOf(address: string): readonly { readonly name: string; readonly share: number }[] {
  if (!ipaddr.isValid(address)) return [{ name: address, share: 1 }]
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return [{ name: `${parsed.toByteArray().slice(0, 3).join('.')}.0/24`, share: 1 }]
  const groups = (parsed as ipaddr.IPv6).parts.map(part => part.toString(16))
  return [
    { name: `${groups.slice(0, 4).join(':')}::/64`, share: 1 },
    { name: `${groups.slice(0, 3).join(':')}::/48`, share: 4 },
  ]
}

/** The narrow one: what greylisting and known senders go by, since a sender's machines share it. */
export function networkName(address: string): string {
  return networksOf(address)[0]?.name ?? address
}
