/**
 * Cards of JSContact to vCards by RFC 9555: version 4.0, in which everything comes back (what vCard has no property for stands in JSPROP); or 3.0,
 * which phones and old programs take, with what that version knows.
 */
import type { Card, Json, JsonRecord } from './card.ts'
import { isRecord } from './card.ts'
import { writeEntries } from './write-entries.ts'
import { writeFacts, writeKept, writeSelf } from './write-facts.ts'
import { writeName } from './write-name.ts'
import { Writer } from './writer.ts'

export type WriteOptions = { readonly version?: '3.0' | '4.0' }

/** Members of a Card that have properties of their own; the others go as JSPROP. */
const known = [
  '@type version uid kind members prodId language created updated name nicknames organizations titles speakToAs emails phones',
  'onlineServices preferredLanguages calendars schedulingAddresses addresses cryptoKeys directories links media anniversaries',
  'keywords notes personalInfo relatedTo vCardProps',
]
  .join(' ')
  .split(' ')
/** Of JMAP (RFC 9610), not of the card */
const ofServer = ['id', 'addressBookIds']

/** Lines end with CRLF. */
export function writeVcards(cards: readonly Card[], options: WriteOptions = {}): string {
  return cards.map(card => writeVcard(card, options)).join('')
}

export function writeVcard(given: Card, { version = '4.0' }: WriteOptions = {}): string {
  const card = given as unknown as JsonRecord
  const writer = new Writer(version === '3.0', groupsIn(card['vCardProps']))
  writer.line({ name: 'BEGIN', value: 'VCARD' })
  writer.line({ name: 'VERSION', value: version })
  writeSelf(writer, card)
  writeName(writer, card)
  writeEntries(writer, card)
  writeFacts(writer, card)
  writeKept(writer, card['vCardProps'])
  writer.rest([], card, [...known, ...ofServer])
  writer.line({ name: 'END', value: 'VCARD' })
  return writer.text
}

function groupsIn(kept: Json | undefined): ReadonlySet<string> {
  const groups = new Set<string>()
  for (const one of Array.isArray(kept) ? kept : []) {
    const params = Array.isArray(one) ? one[1] : undefined
    const group = isRecord(params) ? params['group'] : undefined
    if (typeof group === 'string') groups.add(group.toLowerCase())
  }
  return groups
}
