import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { remember } from '#base/remember.ts'
import { maxDomainOctets, maxLabelOctets } from './limits.ts'

/** RFC 5321 sub-domain, with the underscore that mail domains in the wild have; U-labels of RFC 6531 are checked by conversion. */
const asciiLabel = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/i
const nonAscii = /[^\0-\x7f]/

/** A domain name of one label or more, or an address literal. No final dot. RFC 5321 §4.1.2, §4.1.3 */
export function isDomain(text: string): boolean {
  return !text.endsWith('.') && canonicalDomain(text) !== undefined
}

/**
 * Lower case, A-labels, without a final dot; address literals with the lower-case tag spelled `IPv6`. Undefined when it is
 * neither a domain name nor an address literal. RFC 5891, mapped as browsers do (UTS #46).
 */
export const canonicalDomain = remember(readDomain)

function readDomain(text: string): string | undefined {
  if (text.startsWith('[')) return canonicalLiteral(text)
  if (text.length > maxDomainOctets + 1) return undefined
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  // Plain ASCII never goes through domainToASCII: it would read `1.2.3` as an IPv4 address.
  const ascii = nonAscii.test(name) ? toAscii(name) : name.toLowerCase()
  if (ascii === '' || ascii.length > maxDomainOctets) return undefined
  return ascii.split('.').every(isLabel) ? ascii : undefined
}

/** The IP address inside a literal, or undefined when the domain is a name. */
export function literalAddress(domain: string): string | undefined {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return undefined
  const inner = domain.slice(1, -1)
  return /^ipv6:/i.test(inner) ? inner.slice(5) : inner
}

function isLabel(label: string): boolean {
  return label.length <= maxLabelOctets && asciiLabel.test(label)
}

/** A soft hyphen or other ignorable at an edge is mapped away; whatever breaks IDNA gives ''. */
function toAscii(name: string): string {
  const ascii = domainToASCII(name)
  return ascii.endsWith('.') ? '' : ascii
}

function canonicalLiteral(text: string): string | undefined {
  if (!text.endsWith(']')) return undefined
  const address = literalAddress(text) ?? ''
  if (/^\[ipv6:/i.test(text))
    return isIPv6(address) && !address.includes('%') ? `[IPv6:${address.toLowerCase()}]` : undefined
  return isIPv4(address) ? `[${address}]` : undefined
}
