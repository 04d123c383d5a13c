/** XCLIENT: a trusted proxy names the client it speaks for. Postfix, XCLIENT_README: `XCLIENT 1*( SP name "=" xtext )` */
import ipaddr from 'ipaddr.js'
import { maxHeloBytes } from '../limits.ts'
import { decodeXtext } from './xtext.ts'

/** What is not named stays as it was; `unavailable` and `temporary` are the proxy's words for what it does not know. */
export type ClientClaim = {
  readonly address?: { readonly address: string } | 'unavailable'
  readonly port?: number | 'unavailable'
  /** The client's name, confirmed by the proxy */
  readonly name?: { readonly name: string } | 'unavailable' | 'temporary'
  /** A name that the proxy did not confirm */
  readonly reverseName?: { readonly name: string } | 'unavailable' | 'temporary'
  readonly helo?: { readonly domain: string } | 'unavailable'
  readonly protocol?: 'SMTP' | 'ESMTP'
}

/** As they are advertised. LOGIN is not: nobody logs people in for somebody else here. */
export const xclientAttributes = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'REVERSE_NAME'] as const

type Reader = (value: string) => Partial<ClientClaim> | undefined

const readers: Readonly<Record<(typeof xclientAttributes)[number], Reader>> = {
  ADDR: value => {
    const address = isUnavailable(value) ? 'unavailable' : addressIn(value)
    return address && { address }
  },
  PORT: value => {
    if (isUnavailable(value)) return { port: 'unavailable' }
    return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? { port: Number(value) } : undefined
  },
  NAME: value => {
    const name = nameIn(value)
    return name && { name }
  },
  REVERSE_NAME: value => {
    const reverseName = nameIn(value)
    return reverseName && { reverseName }
  },
  HELO: value => {
    if (isUnavailable(value)) return { helo: 'unavailable' }
    return isWord(value) ? { helo: { domain: value } } : undefined
  },
  PROTO: value => {
    const protocol = value.toUpperCase()
    return protocol === 'SMTP' || protocol === 'ESMTP' ? { protocol } : undefined
  },
}

/** Undefined where the argument is not as it must be: an attribute that is not known, twice the same, a value that is none. */
export function readClientClaim(argument: string): ClientClaim | undefined {
  let claim: ClientClaim = {}
  const seen = new Set<string>()
  for (const pair of argument.split(' ')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, equals)).toUpperCase()
    const value = decodeXtext(pair.slice(equals + 1))
    if (!isAttribute(name) || seen.has(name) || value === undefined) return undefined
    seen.add(name)
    const part = readers[name](value)
    if (!part) return undefined
    claim = { ...claim, ...part }
  }
  return claim
}

function isAttribute(name: string): name is (typeof xclientAttributes)[number] {
  return (xclientAttributes as readonly string[]).includes(name)
}

function isUnavailable(value: string): boolean {
  return value.toUpperCase() === '[UNAVAILABLE]'
}

/** `192.0.2.1`, or `IPV6:2001:db8::1`; Postfix takes the latter without its prefix too. */
function addressIn(value: string): { readonly address: string } | undefined {
  const plain = value.replace(/^IPV6:/i, '')
  const isAddress = plain.includes(':') ? ipaddr.IPv6.isValid(plain) : ipaddr.IPv4.isValidFourPartDecimal(value)
  return isAddress && !plain.includes('%') ? { address: ipaddr.process(plain).toString() } : undefined
}

function nameIn(value: string): { readonly name: string } | 'unavailable' | 'temporary' | undefined {
  if (isUnavailable(value)) return 'unavailable'
  if (value.toUpperCase() === '[TEMPUNAVAIL]') return 'temporary'
  return isWord(value) && /^[\w.-]+$/.test(value) ? { name: value.toLowerCase() } : undefined
}

/** As HELO itself would take it */
function isWord(value: string): boolean {
  return value !== '' && value.length <= maxHeloBytes && !/[^!-~]|[<>"\\]/.test(value)
}
