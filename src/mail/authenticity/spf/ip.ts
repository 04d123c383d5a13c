/** Addresses as octets, for SPF's networks and macros. */
import ipaddr from 'ipaddr.js'

export type Ip = {
  readonly version: 4 | 6
  readonly octets: Uint8Array
  /** As people write it */
  readonly text: string
}

/** An IPv4 address in IPv6 clothes (::ffff:192.0.2.1) is an IPv4 address (RFC 7208 §5). Undefined: no address. */
export function parseIp(text: string): Ip | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return fourOf(ipaddr.IPv4.parse(text))
  const six = parseIp6(text)
  return six && ipaddr.IPv6.parse(text).isIPv4MappedAddress() ? fourOf(ipaddr.IPv6.parse(text).toIPv4Address()) : six
}

/** An IPv6 address as it stands: a network `ip6:::ffff:0:0/96` holds no IPv4 address. */
export function parseIp6(text: string): Ip | undefined {
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined
  const six = ipaddr.IPv6.parse(text)
  return { version: 6, octets: Uint8Array.from(six.toByteArray()), text: six.toString() }
}

function fourOf(four: ipaddr.IPv4): Ip {
  return { version: 4, octets: Uint8Array.from(four.toByteArray()), text: four.toString() }
}

export function inNetwork(ip: Ip, network: Ip, prefix: number): boolean {
  if (ip.version !== network.version) return false
  for (let at = 0, bits = prefix; bits > 0; at++, bits -= 8) {
    const mask = bits >= 8 ? 255 : (0xff << (8 - bits)) & 255
    if (((ip.octets[at] ?? 0) & mask) !== ((network.octets[at] ?? 0) & mask)) return false
  }
  return true
}

/** `192.0.2.1`, or the 32 nibbles of an IPv6 address with dots between them. RFC 7208 §7.3 */
export function dotted({ version, octets, text }: Ip): string {
  return version === 4 ? text : Buffer.from(octets).toString('hex').toUpperCase().split('').join('.')
}
