/** What a submitted message lacks or has too much of. RFC 6409 §8, RFC 5322 §3.6 */
import { printAddress } from '#formats/address/address.ts'
import { decodeUnlabelled } from '#formats/charset/decode.ts'
import { isAscii } from 'node:buffer'
import { mailboxesOf, parseAddressList } from './address-list.ts'
import { type HeaderField, headerLength, parseHeader } from './header.ts'
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
export type SingleField = (typeof single)[number]

export type SubmissionInspection = {
  readonly missing: readonly ('date' | 'message-id' | 'from')[]
  readonly multiple: readonly SingleField[]
  /** Bcc and Resent-Bcc fields with their line ends */
  readonly bcc: readonly ByteRange[]
  /** Addresses of From, `localpart@domain`; those without a domain are left out */
  readonly from: readonly string[]
  readonly sender: readonly string[]
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
    from: addressesOf(header, fields, 'from'),
    sender: addressesOf(header, fields, 'sender'),
    eightBitHeader: !isAscii(header),
    headerBytes,
  }
}

export function rangeOf(field: HeaderField): ByteRange {
  return { offset: field.start, length: field.end - field.start }
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
