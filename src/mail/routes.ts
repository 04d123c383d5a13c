/** Which way a message leaves: a pure decision from sender and recipient. */
import { canonicalDomain } from '#formats/address/domain.ts'

export type RouteRule = {
  /** Only mail from this address, in any case */
  readonly from?: string | undefined
  readonly fromDomain?: string | undefined
  readonly toDomain?: string | undefined
  /** Straight to the recipient's mail servers, or upstreams by name, tried in order */
  readonly via: 'mx' | readonly string[]
}

export type RoutesInput = {
  /** Canonical; mail to them never leaves home, whatever the public DNS says */
  readonly ownDomains: readonly string[]
  /** Names in the order of the configuration */
  readonly upstreams: readonly string[]
  /** The first that fits decides */
  readonly rules: readonly RouteRule[]
}

export type OutboundRoute =
  | { readonly kind: 'local' }
  /** `name` first, then the others */
  | { readonly kind: 'upstream'; readonly name: string; readonly others: readonly string[] }
  /** `domain` in A-labels, or an address literal */
  | { readonly kind: 'mx'; readonly domain: string }
  /** As mx, from the gateway: a destination for each domain, so that one that is down stops no other */
  | { readonly kind: 'gateway'; readonly domain: string }
  /** No domain can be read from the recipient's address */
  | { readonly kind: 'none' }

/** Stands among the names of upstreams for our own gateway */
export const gatewayName = 'gateway'

/** `via`: chosen by hand, instead of the rules; our own domains stay at home all the same */
export type Routes = (reversePath: string, recipient: string, via?: 'mx' | readonly string[]) => OutboundRoute

/** The function that decides by these rules; without a fitting one: the upstreams in order, or mx where there are none. */
export function routesFrom({ ownDomains, upstreams, rules }: RoutesInput): Routes {
  const own = new Set(ownDomains.map(canonical))
  const prepared = rules.map(rule => ({
    from: rule.from?.toLowerCase(),
    fromDomain: rule.fromDomain && canonical(rule.fromDomain),
    toDomain: rule.toDomain && canonical(rule.toDomain),
    via: rule.via,
  }))
  return (reversePath, recipient, via) => {
    const domain = domainPart(recipient)
    if (domain === undefined) return { kind: 'none' }
    if (own.has(domain)) return { kind: 'local' }
    if (via !== undefined) return routeVia(via, domain)
    const from = reversePath.toLowerCase()
    const fromDomain = domainPart(reversePath)
    const rule = prepared.find(
      candidate =>
        (candidate.from ?? from) === from &&
        (candidate.fromDomain ?? fromDomain) === fromDomain &&
        (candidate.toDomain ?? domain) === domain,
    )
    return routeVia(rule?.via ?? upstreams, domain)
  }
}

function routeVia(via: 'mx' | readonly string[], domain: string): OutboundRoute {
  const [name, ...others] = via === 'mx' ? [] : via
  if (name === gatewayName && others.length === 0) return { kind: 'gateway', domain }
  return name === undefined ? { kind: 'mx', domain } : { kind: 'upstream', name, others }
}

/** After the last `@`: a quoted local part may hold others. */
export function domainPart(address: string): string | undefined {
  const at = address.lastIndexOf('@')
  return at < 1 ? undefined : canonicalDomain(address.slice(at + 1))
}

function canonical(domain: string): string {
  return canonicalDomain(domain) ?? domain.toLowerCase()
}

/** A route as the queue's destination: equal routes have equal keys. */
export function routeKey(route: OutboundRoute): string {
  switch (route.kind) {
    case 'local':
    case 'none':
      return route.kind
    case 'mx':
    case 'gateway':
      return `${route.kind}:${route.domain}`
    case 'upstream':
      return `upstream:${[route.name, ...route.others].join(',')}`
    default:
      return route satisfies never
  }
}

/** The route of a key made by `routeKey`. */
export function routeOfKey(key: string): OutboundRoute {
  const colon = key.indexOf(':')
  const rest = key.slice(colon + 1)
  if (key.startsWith('mx:')) return { kind: 'mx', domain: rest }
  if (key.startsWith('gateway:')) return { kind: 'gateway', domain: rest }
  if (key === 'local') return { kind: 'local' }
  const [name, ...others] = key.startsWith('upstream:') ? rest.split(',') : []
  return name === undefined ? { kind: 'none' } : { kind: 'upstream', name, others }
}
