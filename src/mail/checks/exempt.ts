/** Addresses that say nothing about a sender: this machine, a local network, a load balancer that does not tell. */
import ipaddr from 'ipaddr.js'

const inside: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
  'unspecified',
])

/** No reverse name, list or greylist has anything to say about it. Also for what is no address (a unix socket). */
export function isLocalAddress(address: string): boolean {
  return !ipaddr.isValid(address) || inside.has(ipaddr.process(address).range())
}
