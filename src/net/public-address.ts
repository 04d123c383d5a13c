/**
 * Which addresses may be called because a stranger said so: those of the public internet. Everything else (this machine, the owner's network,
 * a provider's inside, translations of such addresses into IPv6) is reached with rights that the stranger does not have.
 */
import ipaddr from 'ipaddr.js'

/** False also for what is no address, and for one with a zone. IANA's special-purpose registries (RFC 6890). */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%') || !ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' ? !notGlobal4.some(within(parsed)) : isGlobal6(parsed)
}

function isGlobal6(parsed: Parsed): boolean {
  // what is not in 2000::/3 has not been given to anybody: IPv4-compatible, NAT64 of either prefix, site-local, …
  return within(parsed)(globalUnicast) && !notGlobal6.some(within(parsed))
}

type Parsed = ReturnType<typeof ipaddr.parse>
type Network = readonly [Parsed, number]

function within(parsed: Parsed): (network: Network) => boolean {
  return ([start, bits]) => parsed.kind() === start.kind() && parsed.match([start, bits])
}

const globalUnicast = ipaddr.parseCIDR('2000::/3')
/** Beyond what ipaddr.js knows by name */
const notGlobal4 = [
  '0.0.0.0/8',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
].map(network => ipaddr.parseCIDR(network))
/** IETF protocol assignments (Teredo, ORCHID, …), documentation, 6to4 (an IPv4 address stands inside), AS112 */
const notGlobal6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'].map(network =>
  ipaddr.parseCIDR(network),
)
