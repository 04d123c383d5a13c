/** The fields that we put before a message. RFC 5321 §4.4, RFC 3848, RFC 6531 §4.3, RFC 8314 §4.3 */
import { randomBytes } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import { toHex, utf8 } from '#base/bytes.ts'
import { parseAddress, printAddress } from '#formats/address/address.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import { printDate } from './date.ts'
import { foldWords, withoutControls } from './fold.ts'

/** RFC 3848 §4 and RFC 6531 §4.3 */
export type WithProtocol =
  | 'SMTP'
  | `ESMTP${'' | 'S' | 'A' | 'SA'}`
  | `LMTP${'' | 'S' | 'A' | 'SA'}`
  | `UTF8SMTP${'' | 'S' | 'A' | 'SA'}`
  | `UTF8LMTP${'' | 'S' | 'A' | 'SA'}`

export type ReceivedFacts = {
  /** As the peer said it; undefined leaves out the whole `from` clause (submission hides its clients) */
  readonly helo?: string | undefined
  /** IP address of the peer */
  readonly clientAddress?: string | undefined
  /** Name of that address by DNS, confirmed forward */
  readonly reverseName?: string | undefined
  /** Our host name */
  readonly by: string
  readonly with: WithProtocol
  readonly id: string
  /** The recipient when there is exactly one */
  readonly for?: string | undefined
  readonly tls?: { readonly protocol: string; readonly cipher: string } | undefined
  /** Milliseconds since 1970 */
  readonly date: number
  readonly zoneMinutes?: number
}

/** `Return-Path: <…>`; '' is the null path. What is no address is printed without anything that could break out of the field. */
export function returnPath(reversePath: string): Uint8Array {
  const address = parseAddress(reversePath)
  const path = address ? printAddress(address) : withoutControls(reversePath).replace(/[<>]/g, '?').slice(0, 254)
  return utf8(`Return-Path: <${path}>\r\n`)
}

/** One Received field with its line end. Values that are not what they should be are replaced or left out, never passed on. */
export function received(facts: ReceivedFacts): Uint8Array {
  const words = [...fromClause(facts), 'by', hostName(facts.by), 'with', facts.with]
  if (facts.tls) words.push(...tlsClause(facts.tls))
  words.push('id', atom(facts.id))
  const recipient = facts.for === undefined ? undefined : forPath(facts.for, facts.with)
  if (recipient !== undefined) words.push('for', recipient)
  words.push(`${words.pop()};`, ...printDate(facts.date, facts.zoneMinutes).split(' '))
  return utf8(foldWords('Received', words))
}

/** `S` for TLS, `A` for AUTH (RFC 3848); SMTPUTF8 has names of its own (RFC 6531 §4.3). */
export function withProtocol(session: {
  readonly lmtp?: boolean
  /** HELO instead of EHLO */
  readonly plainSmtp?: boolean
  readonly tls: boolean
  readonly authenticated: boolean
  readonly smtpUtf8?: boolean
}): WithProtocol {
  const suffix = `${session.tls ? 'S' : ''}${session.authenticated ? 'A' : ''}` as const
  if (session.smtpUtf8) return session.lmtp ? `UTF8LMTP${suffix}` : `UTF8SMTP${suffix}`
  if (session.lmtp) return `LMTP${suffix}`
  return session.plainSmtp && suffix === '' ? 'SMTP' : `ESMTP${suffix}`
}

/** A new id with angle brackets. RFC 5322 §3.6.4 */
export function messageId(domain: string, random: Uint8Array = randomBytes(16)): string {
  return `<${toHex(random)}@${canonicalDomain(domain) ?? 'localhost'}>`
}

export function messageIdField(id: string): Uint8Array {
  return utf8(`Message-ID: ${withoutControls(id)}\r\n`)
}

export function dateField(ms: number, zoneMinutes = 0): Uint8Array {
  return utf8(`Date: ${printDate(ms, zoneMinutes)}\r\n`)
}

/** `from HELO (name [192.0.2.1])` */
function fromClause(facts: ReceivedFacts): string[] {
  if (facts.helo === undefined && facts.clientAddress === undefined) return []
  const literal = addressLiteral(facts.clientAddress ?? '')
  const reverse = facts.reverseName === undefined ? undefined : canonicalDomain(facts.reverseName)
  const info = [reverse, literal].filter(part => part !== undefined).join(' ')
  return ['from', hostName(facts.helo ?? ''), ...(info === '' ? [] : [`(${info})`])]
}

function addressLiteral(address: string): string | undefined {
  if (isIPv4(address)) return `[${address}]`
  const plain = address.split('%')[0] ?? ''
  return isIPv6(plain) ? `[IPv6:${plain}]` : undefined
}

/** What a peer calls itself may be anything: what is no name or literal keeps its letters only. */
function hostName(name: string): string {
  const text = canonicalDomain(name) === undefined ? name.replace(/[^A-Za-z0-9._:-]/g, '?').slice(0, 255) : name
  return text === '' ? 'unknown' : text
}

/** RFC 8314 §4.3 takes the IANA name of the suite; other names (OpenSSL's) go into a comment. */
function tlsClause(tls: { readonly protocol: string; readonly cipher: string }): string[] {
  const protocol = atom(tls.protocol)
  if (/^TLS_[A-Z0-9_]+$/.test(tls.cipher)) return [`(${protocol})`, 'tls', tls.cipher]
  return [`(${protocol} ${atom(tls.cipher)})`]
}

function forPath(recipient: string, protocol: WithProtocol): string | undefined {
  const address = parseAddress(recipient)
  if (!address) return undefined
  const text = printAddress(address)
  const isAscii = !/[^ -~]/.test(text)
  return isAscii || protocol.startsWith('UTF8') ? `<${text}>` : undefined
}

function atom(text: string): string {
  return text.replace(/[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]/g, '?').slice(0, 200) || '?'
}
