/** Networks of IPv4 and IPv6 addresses, by CIDR (RFC 4632, RFC 4291 §2.3). An IPv4 address written as IPv6 counts as IPv4. */
import ipaddr from 'ipaddr.js'

export type NetworkSet = { has(address: string): boolean; readonly isEmpty: boolean }

/** `networks` are as `parseNetwork` gives them; what cannot be read matches nothing. */
export function networkSet(networks: readonly string[]): NetworkSet {
  const ranges = networks.flatMap(network => {
    const range = rangeOf(network)
    return range ? [range] : []
  })
  return {
    isEmpty: ranges.length === 0,
    has(address) {
      if (ranges.length === 0 || !ipaddr.isValid(address)) return false
      const one = ipaddr.process(address)
      return ranges.some(range => range[0].kind() === one.kind() && one.match(range))
    },
  }
}

export type ParsedNetwork =
  /** In canonical form, with its prefix */
  | { readonly kind: 'network'; readonly network: string }
  /** The address has bits beyond its prefix, which is more often a slip than a wish */
  | { readonly kind: 'host-bits' }
  | { readonly kind: 'wrong' }

/** `192.0.2.0/24`, `2001:db8::/32` or one address */
export function parseNetwork(text: string): ParsedNetwork {
  const range = rangeOf(text)
  if (!range) return { kind: 'wrong' }
  const [address, bits] = range
  const masked = address.toByteArray().map((byte, index) => byte & maskByte(bits - index * 8))
  if (masked.some((byte, index) => byte !== address.toByteArray()[index])) return { kind: 'host-bits' }
  return { kind: 'network', network: `${address.toString()}/${bits}` }
}

function maskByte(bits: number): number {
  if (bits >= 8) return 0xff
  return bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff
}

function rangeOf(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  const whole = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))
  try {
    const [address, bits] = ipaddr.parseCIDR(whole ? `${text}/${text.includes(':') ? 128 : 32}` : text)
    // 10/8 and 0x0a000000/8 are other ways of writing; here only one is understood
    if (address.kind() === 'ipv4' && !ipaddr.IPv4.isValidFourPartDecimal(text.split('/')[0] ?? '')) return undefined
    return [address, bits]
  } catch {
    return undefined
  }
}
