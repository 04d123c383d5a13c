/** The domains that a letter claims to be from. RFC 9989 §5.3.1, RFC 7489 §6.6.1 */
import { asciiText } from '#base/bytes.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import { parseAddressList } from '#formats/message/address-list.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { unfold } from '#formats/message/header.ts'
import type { ReadMessage } from '../message.ts'

export type Author = {
  /** A-labels, each once, in their order */
  readonly domains: readonly string[]
  /** From fields */
  readonly fields: number
  /** An address among them has no domain that can be read */
  readonly unreadable: boolean
  /** No domain can be read, and yet there is an at sign: whoever reads otherwise, or shows encoded words, sees an address */
  readonly hidden: boolean
  /** A NUL in the header: who does not see it may find another From */
  readonly nul: boolean
  /** So long that it was not read to its end */
  readonly tooLong: boolean
}

/** More addresses than this in From are no letter's */
const maxAuthors = 100
/** Octets of all From fields that are read, while others wait: a mebibyte of quotation marks takes half a second */
const maxFromBytes = 64 * 1024

export function authorOf(message: ReadMessage): Author {
  const fields = message.byName.get('from') ?? []
  const octets = fields.reduce((sum, { valueStart, valueEnd }) => sum + valueEnd - valueStart, 0)
  if (octets > maxFromBytes)
    return { domains: [], fields: fields.length, unreadable: true, hidden: false, nul: false, tooLong: true }
  const entries = fields.flatMap(field =>
    parseAddressList(message.bytes, field.valueStart, field.valueEnd, maxAuthors + 1).flatMap(entry =>
      entry.kind === 'group' ? entry.members : [entry],
    ),
  )
  // Two addresses in the place of one are read so by one client and otherwise by another: both must answer for the letter
  const read = entries.flatMap(({ domain, otherDomains = [] }) =>
    [domain, ...otherDomains].map(one => one && domainOf(one)),
  )
  const domains = [...new Set(read.filter(domain => domain !== undefined))]
  const unreadable = read.includes(undefined) || entries.length === 0 || entries.length > maxAuthors
  const hidden = domains.length === 0 && fields.some(field => showsAddress(unfold(message.bytes, field)))
  return { domains, fields: fields.length, unreadable, hidden, nul: message.bytes.includes(0), tooLong: false }
}

/** Addresses with an IP address in the place of a domain have no policy to hide from. */
function showsAddress(value: Uint8Array): boolean {
  return /@/.test(
    decodeWords(value)
      .normalize('NFKC')
      .replace(/@\[[0-9a-f:.]*\]/gi, ''),
  )
}

/** U-labels come as UTF-8 (RFC 6532), RFC 8616 §3 wants A-labels. */
function domainOf(bytes: Uint8Array): string | undefined {
  const text = bytes.some(octet => octet > 127) ? Buffer.from(bytes).toString('utf8') : asciiText(bytes)
  const domain = canonicalDomain(text.trim())
  return domain?.startsWith('[') === true ? undefined : domain
}
