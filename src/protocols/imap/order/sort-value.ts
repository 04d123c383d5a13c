/** What messages are sorted by. RFC 5256 §3, RFC 5957 §3 */
import { parseDate } from '#formats/message/date.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { readEnvelope, type EnvelopeAddress, type EnvelopeFacts } from '#formats/message/read-envelope.ts'
import type { SortKey } from '../syntax/request.ts'
import { baseSubject } from './base-subject.ts'
import { casemapKey } from '#formats/charset/casemap.ts'

export type SortedRow = { readonly internalDate: number; readonly sizeBytes: number; readonly envelope: Uint8Array }

/** Octets of a text that are looked at. A header line has 998 (RFC 5322 §2.1.1). */
const textLimitBytes = 4096

/** One value per key. What is missing is the empty string, before all others. `score`: for RELEVANCY, from 1 to 100. */
export function sortValues(keys: readonly SortKey[], row: SortedRow, score = 0): readonly (string | number)[] {
  const needsEnvelope = keys.some(key => key !== 'ARRIVAL' && key !== 'SIZE' && key !== 'RELEVANCY')
  const envelope = needsEnvelope ? readEnvelope(row.envelope) : undefined
  return keys.map(key => {
    if (key === 'ARRIVAL') return row.internalDate
    if (key === 'SIZE') return row.sizeBytes
    // RFC 6203 §6: the highest first
    if (key === 'RELEVANCY') return -score
    return envelope ? valueOf(key, envelope, row) : ''
  })
}

function valueOf(
  key: Exclude<SortKey, 'ARRIVAL' | 'SIZE' | 'RELEVANCY'>,
  envelope: EnvelopeFacts,
  row: SortedRow,
): string | number {
  switch (key) {
    case 'DATE':
      return sentDate(envelope, row)
    case 'SUBJECT':
      return casemapKey(baseSubject(decodedSubject(envelope)).base)
    case 'FROM':
      return casemapKey(textOf(envelope.from?.mailbox))
    case 'TO':
      return casemapKey(textOf(envelope.to?.mailbox))
    case 'CC':
      return casemapKey(textOf(envelope.cc?.mailbox))
    case 'DISPLAYFROM':
      return casemapKey(displayed(envelope.from))
    case 'DISPLAYTO':
      return casemapKey(displayed(envelope.to))
    default:
      return key satisfies never
  }
}

/** RFC 5256 §2.2: in UTC; without a date that can be read, the internal one */
export function sentDate({ date }: EnvelopeFacts, { internalDate }: Pick<SortedRow, 'internalDate'>): number {
  return (date && parseDate(date)) ?? internalDate
}

export function decodedSubject({ subject }: EnvelopeFacts): string {
  return subject ? decodeWords(subject.subarray(0, textLimitBytes)) : ''
}

/** The name as people see it, else the address. RFC 5957 §3 */
function displayed(address: EnvelopeAddress | undefined): string {
  if (!address) return ''
  const name = address.name ? decodeWords(address.name.subarray(0, textLimitBytes)) : ''
  if (name !== '') return name
  if (!address.mailbox) return ''
  const mailbox = textOf(address.mailbox)
  return address.host ? `${mailbox}@${textOf(address.host)}` : mailbox
}

const utf8Decoder = new TextDecoder()

function textOf(bytes: Uint8Array | undefined): string {
  return bytes ? utf8Decoder.decode(bytes.subarray(0, textLimitBytes)) : ''
}
