/** What messages are sorted by. RFC 5256 §3, RFC 5957 §3 */
import { parseDate } from '#formats/message/date.ts'
import { readEnvelope, type EnvelopeFacts } from '#formats/message/read-envelope.ts'
import { decodedSubject, displayed, envelopeText } from '#formats/message/sort-text.ts'
import type { SortKey } from '../syntax/request.ts'
import { baseSubject } from '#formats/message/base-subject.ts'
import { casemapKey } from '#formats/charset/casemap.ts'

export type SortedRow = { readonly internalDate: number; readonly sizeBytes: number; readonly envelope: Uint8Array }

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
      return casemapKey(envelopeText(envelope.from?.mailbox))
    case 'TO':
      return casemapKey(envelopeText(envelope.to?.mailbox))
    case 'CC':
      return casemapKey(envelopeText(envelope.cc?.mailbox))
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
