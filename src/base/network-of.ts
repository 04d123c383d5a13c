import ipaddr from 'ipaddr.js'

/** An IPv4 address as it is, also when written as IPv6; the /64 of an IPv6 address, which is what one household or host gets. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map(part => part.toString(16))
    .join(':')}::/64`
}
