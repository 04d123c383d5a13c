/**
 * A mailbox name: `localpart@domain`. RFC 5321 §4.1.2, internationalised by RFC 6531 §3.3.
 *
 * One reading for both boxes: `parseAddress` at the door, `canonicalAddress` for every comparison and every key.
 */
import { domainToASCII } from 'node:url'
import type { Brand } from '#base/brand.ts'
import { remember } from '#base/remember.ts'
import { canonicalDomain, isDomain } from './domain.ts'
import { maxAddressOctets, maxLocalpartOctets, maxRouteCharacters } from './limits.ts'

export type Address = {
  /** Without quotes and backslashes: `odd local`, `a..b` */
  readonly localpart: string
  /** As written (a final dot removed), or an address literal with its brackets: `[192.0.2.1]`, `[IPv6:2001:db8::1]` */
  readonly domain: string
}

/** What `canonicalAddress` made: equal strings are the same mailbox. */
export type CanonicalAddress = Brand<string, 'CanonicalAddress'>

/** RFC 5322 §3.2.3 atext, and RFC 6532 §3.2 UTF8-non-ascii without the C1 controls */
const atextCharacters = "a-zA-Z0-9!#$%&'*+/=?^_`{|}~\\u00a0-\\ud7ff\\ue000-\\ufffd\\u{10000}-\\u{10ffff}\\-"
/** Dots anywhere: carriers in Japan gave out `a..b@docomo.ne.jp` and `a.@ezweb.ne.jp`, and they must be written to unquoted. */
const dottedAtoms = new RegExp(`^[${atextCharacters}.]+$`, 'u')
const strictDotString = new RegExp(`^[${atextCharacters}]+(?:\\.[${atextCharacters}]+)*$`, 'u')
/** RFC 5321 §4.1.2 QcontentSMTP */
const quotedText = /^[ -~\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const sourceRoute = /^@[^\s@,:<>]{1,255}(?:,@[^\s@,:<>]{1,255})*:/

/** Reads a Mailbox without angle brackets; an obsolete source route before it is dropped (RFC 5321 §4.1.1.3). */
export const parseAddress = remember(readAddress)

function readAddress(text: string): Address | undefined {
  if (text.length > maxAddressOctets + maxRouteCharacters) return undefined
  const mailbox = text.startsWith('@') ? text.replace(sourceRoute, '') : text
  if (Buffer.byteLength(mailbox) > maxAddressOctets) return undefined
  const at = mailbox.startsWith('"') ? endOfQuoted(mailbox) : mailbox.indexOf('@')
  if (at < 1 || mailbox[at] !== '@') return undefined
  const localpart = readLocalpart(mailbox.slice(0, at))
  const written = mailbox.slice(at + 1)
  const domain = written.endsWith('.') ? written.slice(0, -1) : written
  if (localpart === undefined || !isDomain(domain)) return undefined
  return { localpart, domain }
}

/** The address as it goes on the wire: quoted only where atoms and dots do not suffice. `parseAddress` reads it back. */
export function printAddress(address: Address): string {
  return `${dottedAtoms.test(address.localpart) ? address.localpart : quote(address.localpart)}@${address.domain}`
}

/** For peers that insist on RFC 5321 Dot-string: `"a..b"@docomo.ne.jp`. */
export function printStrictAddress(address: Address): string {
  return `${strictDotString.test(address.localpart) ? address.localpart : quote(address.localpart)}@${address.domain}`
}

/**
 * The one form in which addresses are compared, on both boxes: local part in lower case (case matters by RFC 5321 §2.4, and to
 * nobody in practice), needless quotes removed, NFC, domain in lower-case A-labels without its final dot.
 * Undefined for what is no address.
 */
export const canonicalAddress = remember(canonicalOf)

function canonicalOf(text: string): CanonicalAddress | undefined {
  const address = parseAddress(text)
  if (!address) return undefined
  const domain = canonicalDomain(address.domain)
  if (domain === undefined) return undefined
  const localpart = address.localpart.normalize('NFC').toLowerCase().normalize('NFC')
  const canonical = printAddress({ localpart, domain })
  return Buffer.byteLength(canonical) > maxAddressOctets ? undefined : (canonical as CanonicalAddress)
}

/** Canonical domain of an address; undefined for what is no address. */
export function domainOf(address: string): string | undefined {
  const parsed = parseAddress(address)
  return parsed && canonicalDomain(parsed.domain)
}

/** RFC 5233 §4: everything before the first separator, and what follows it. A separator in front does not count. */
export function splitSubaddress(
  localpart: string,
  separators: string,
): { readonly user: string; readonly detail: string | undefined } {
  for (let at = 1; at < localpart.length; at++)
    if (separators.includes(localpart.charAt(at)))
      return { user: localpart.slice(0, at), detail: localpart.slice(at + 1) }
  return { user: localpart, detail: undefined }
}

/** The address cannot be written in ASCII: its transfer needs SMTPUTF8. A domain alone can be written in A-labels. */
export function needsSmtpUtf8(address: Address): boolean {
  return /[^\0-\x7f]/.test(address.localpart)
}

/** For a peer without SMTPUTF8: domain in A-labels. Undefined when the local part is not ASCII. */
export function asciiAddress(address: Address): Address | undefined {
  if (needsSmtpUtf8(address)) return undefined
  if (!/[^\0-\x7f]/.test(address.domain)) return address
  const domain = domainToASCII(address.domain)
  return domain === '' ? undefined : { localpart: address.localpart, domain }
}

function readLocalpart(written: string): string | undefined {
  const localpart = written.startsWith('"') ? written.slice(1, -1).replace(/\\(.)/gsu, '$1') : written
  if (Buffer.byteLength(localpart) > maxLocalpartOctets) return undefined
  const syntax = written.startsWith('"') ? quotedText : dottedAtoms
  return syntax.test(localpart) ? localpart : undefined
}

/** Index after the closing quote, or -1. */
function endOfQuoted(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return -1
}

function quote(localpart: string): string {
  return `"${localpart.replace(/[\\"]/g, '\\$&')}"`
}
