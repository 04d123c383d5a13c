/** What a submitted message lacks or has too much of. RFC 6409 §8, RFC 5322 §3.6 */
import { printAddress } from '#formats/address/address.ts'
import { decodeUnlabelled } from '#formats/charset/decode.ts'
import { isAscii } from 'node:buffer'
import { mailboxesOf, parseAddressList } from './address-list.ts'
import { type HeaderField, headerLength, parseHeader, unfold } from './header.ts'
import type { ByteRange } from './parts.ts'

/** Fields that a message has at most once (RFC 5322 §3.6) */
const single = [
  'date',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
] as const
/** A hundred authors; reading a list takes time, and this one is read while others wait. A longer one counts as no From at all. */
const maxAuthorFieldBytes = 8 * 1024

export type SingleField = (typeof single)[number]

export type SubmissionInspection = {
  readonly missing: readonly ('date' | 'message-id' | 'from')[]
  readonly multiple: readonly SingleField[]
  /** Bcc and Resent-Bcc fields with their line ends */
  readonly bcc: readonly ByteRange[]
  /** Addresses of From, `localpart@domain`; those without a domain are left out */
  readonly from: readonly string[]
  readonly sender: readonly string[]
  /** What else in From and Sender a reader might take for an address: those fields are no list of mailboxes as they should be */
  readonly stray: readonly string[]
  /** The header holds bytes over 0x7f: it travels only with SMTPUTF8 (RFC 6532) */
  readonly eightBitHeader: boolean
  /** Octets of the header with its empty line */
  readonly headerBytes: number
}

/** `bytes` begin with the header; what follows its empty line is not looked at. */
export function inspectForSubmission(bytes: Uint8Array): SubmissionInspection {
  const headerBytes = headerLength(bytes)
  const header = bytes.subarray(0, headerBytes)
  const fields = parseHeader(header, Infinity)
  const count = (key: string) => fields.filter(field => field.key === key).length
  return {
    missing: (['date', 'message-id', 'from'] as const).filter(key => count(key) === 0),
    multiple: single.filter(key => count(key) > 1),
    bcc: fields.filter(field => field.key === 'bcc' || field.key === 'resent-bcc').map(rangeOf),
    ...authorsOf(header, fields),
    eightBitHeader: !isAscii(header),
    headerBytes,
  }
}

export function rangeOf(field: HeaderField): ByteRange {
  return { offset: field.start, length: field.end - field.start }
}

function authorsOf(
  header: Uint8Array,
  fields: readonly HeaderField[],
): Pick<SubmissionInspection, 'from' | 'sender' | 'stray'> {
  const authors = fields.filter(field => field.key === 'from' || field.key === 'sender')
  if (authors.some(field => field.valueEnd - field.valueStart > maxAuthorFieldBytes))
    return { from: [], sender: [], stray: [] }
  return {
    from: addressesOf(header, fields, 'from'),
    sender: addressesOf(header, fields, 'sender'),
    stray: ['from', 'sender'].flatMap(key => strayIn(header, fields, key)),
  }
}

/** Words with an `@` outside quotes and comments that are not among the field's addresses: `hanako@home.test (x) taro@home.test` */
function strayIn(header: Uint8Array, fields: readonly HeaderField[], key: string): string[] {
  const known = new Set(addressesOf(header, fields, key).map(address => address.toLowerCase()))
  return fields
    .filter(field => field.key === key)
    .flatMap(field => withoutQuotes(decodeUnlabelled(unfold(header, field))).split(/[\s<>,;:()"]+/))
    .filter(word => /[^@]@/.test(word) && !known.has(word.toLowerCase()))
}

/** Quoted strings and comments become blanks; what is never closed stays. RFC 5322 §3.2.2, §3.2.4 */
function withoutQuotes(text: string): string {
  let kept = ''
  let openedAt = -1
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (openedAt < 0 && character !== '"' && character !== '(') kept += character
    else if (openedAt < 0) {
      openedAt = at
      depth = character === '(' ? 1 : 0
    } else if (character === '\\') at++
    else if (depth > 0 && character === '(') depth++
    else if (depth > 0 ? character === ')' && --depth === 0 : character === '"') {
      openedAt = -1
      kept += ' '
    }
  }
  return openedAt < 0 ? kept : kept + text.slice(openedAt)
}

function addressesOf(header: Uint8Array, fields: readonly HeaderField[], key: string): string[] {
  const addresses: string[] = []
  for (const field of fields) {
    if (field.key !== key) continue
    for (const mailbox of mailboxesOf(parseAddressList(header, field.valueStart, field.valueEnd)))
      if (mailbox.domain !== undefined)
        addresses.push(
          printAddress({ localpart: decodeUnlabelled(mailbox.localpart), domain: decodeUnlabelled(mailbox.domain) }),
        )
  }
  return addresses
}
