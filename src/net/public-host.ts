/** Addresses of a host that a stranger named: those of the public internet, or none at all. */
import type { Resolver } from './dns.ts'
import { isPublicAddress } from './public-address.ts'

export type PublicHostOptions = {
  readonly resolver: Resolver
  /** For tests alone: further addresses with their ports that may be called. Nothing in a configuration sets it. */
  readonly alsoAllowed?: ((address: string, port: number) => boolean) | undefined
}

/** At those ports alone, where some are named. `none` says why: its name is not known (now), or leads where strangers may not send us. */
export async function publicAddressesOf(
  url: URL,
  { resolver, alsoAllowed }: PublicHostOptions,
  ports?: readonly number[],
): Promise<{ readonly addresses: readonly string[] } | { readonly none: 'name' | 'address' }> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const found = await resolver.addresses(host)
  if (found.kind !== 'found') return { none: 'name' }
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const isOpen = !ports || ports.includes(port)
  const mayCall = (address: string) => alsoAllowed?.(address, port) === true || (isOpen && isPublicAddress(address))
  // one that is not public beside one that is: who owns the name tries something
  return found.value.every(mayCall) ? { addresses: found.value } : { none: 'address' }
}
