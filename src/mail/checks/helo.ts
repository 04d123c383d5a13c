/**
 * What a peer calls itself. RFC 5321 §4.1.4: a server may look at it and must not refuse mail only because the name does not lead to
 * the peer's address; here only names that no mail server can have count.
 */
import ipaddr from 'ipaddr.js'
import { canonicalDomain } from '#formats/address/domain.ts'
import type { Remark } from './remarks.ts'

/** `ours`: our host name and domains, A-labels in lower case. Undefined when nothing is to be said. */
export function heloRemark(
  helo: string,
  clientAddress: string,
  ours: (name: string) => boolean,
): Extract<Remark, `helo-${string}`> | undefined {
  if (isBareAddress(helo)) return 'helo-bare-address' // RFC 5321 §4.1.3: an address stands in brackets
  if (helo.startsWith('[')) return literalLeadsTo(helo, clientAddress) ? undefined : 'helo-wrong-address'
  const name = canonicalDomain(helo) ?? ''
  if (ours(name)) return 'helo-is-us'
  return isHostName(name) ? undefined : 'helo-not-a-name'
}

/** What is surely none is told apart before the parser throws: an exception costs more than all the rest of a letter's connection checks. */
function isBareAddress(helo: string): boolean {
  if (/^\d+(?:\.\d+){3}$/.test(helo)) return ipaddr.IPv4.isValidFourPartDecimal(helo)
  return helo.includes(':') && ipaddr.IPv6.isValid(helo)
}

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]`. RFC 5321 §4.1.3 */
function literalLeadsTo(literal: string, clientAddress: string): boolean {
  const inside = /^\[(?:IPv6:)?([0-9a-f.:]+)\]$/i.exec(literal)?.[1]
  if (inside === undefined || !ipaddr.isValid(inside) || !ipaddr.isValid(clientAddress)) return false
  return ipaddr.process(inside).toNormalizedString() === ipaddr.process(clientAddress).toNormalizedString()
}

/** Two labels at least; an underscore is no letter of a host name and stands in those of many Windows machines. */
function isHostName(name: string): boolean {
  if (name.length > 253 || /(?:^|\.)(?:localhost|localdomain)$/.test(name)) return false
  const labels = name.split('.')
  return (
    labels.length > 1 &&
    labels.every(label => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  )
}
