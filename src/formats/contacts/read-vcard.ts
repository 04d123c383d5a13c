/**
 * Files of vCards (RFC 6350 4.0, RFC 2426 3.0, and 2.1 as phones and Outlook write it) to JSContact cards, by RFC 9555. What JSContact has no
 * place for is kept in `vCardProps` and `vCardParams`. Never throws; whatever cannot be read is a problem with its line, and the rest is read.
 */
import { type Card, isRecord, type JsonRecord } from './card.ts'
import { CardBuilder } from './card-builder.ts'
import { type FileText, fileText, plainOctets } from './charset.ts'
import { contentLines } from './content-lines.ts'
import { maxCards, maxProblems, maxProperties } from './limits.ts'
import { parseProperty, type VcardProperty } from './property.ts'
import { addressReaders } from './read-address.ts'
import { factReaders } from './read-facts.ts'
import { finishName, nameReaders } from './read-name.ts'
import { resourceReaders } from './read-resources.ts'
import { wayReaders } from './read-ways.ts'
import { unescapeText, type VcardVersion } from './values.ts'

export type VcardProblem = {
  /** In the file, from 1 */
  readonly line: number
  readonly code: /** No name and colon */
    | 'not-a-property'
    /** Before the first BEGIN:VCARD, or after an END */
    | 'outside'
    /** Another card, or the end of the file, before END:VCARD: what was there is taken */
    | 'not-ended'
    | 'too-long'
    | 'too-many-properties'
    /** Nobody and nothing in it */
    | 'empty'
    | 'too-many-cards'
}

export type VcardFile = {
  readonly cards: readonly { readonly line: number; readonly card: Card }[]
  /** The first ones, in the order of lines */
  readonly problems: readonly VcardProblem[]
  /** Of all problems */
  readonly problemCount: number
}

export type ReadOptions = {
  readonly newUid?: () => string
  /** Somebody has made UTF-8 of the file already: what properties say of their charset is true within quoted-printable alone */
  readonly isUtf8?: boolean
}

type Reader = (property: VcardProperty, card: CardBuilder) => void | false

const readers: ReadonlyMap<string, readonly Reader[]> = gathered([
  nameReaders,
  addressReaders,
  wayReaders,
  resourceReaders,
  factReaders,
])
/** After the others, whatever their order: they add to what is there */
const late = new Set([
  'LABEL',
  'GEO',
  'TZ',
  'X-ABADR',
  'X-DEPARTMENT',
  'BIRTHPLACE',
  'DEATHPLACE',
  'X-PHONETIC-LAST-NAME',
  'X-PHONETIC-FIRST-NAME',
  'X-PHONETIC-MIDDLE-NAME',
  'JSPROP',
])

export function readVcards(file: Uint8Array, { newUid = uuid, isUtf8 = false }: ReadOptions = {}): VcardFile {
  const octets = plainOctets(file)
  const reading = new Reading(fileText(octets, isUtf8), newUid)
  for (const content of contentLines(octets)) {
    if (content.isCut) reading.problem(content.line, 'too-long')
    else if (reading.isFull && !isBorder(content.octets)) reading.pass(content.line)
    else reading.take(content.line, parseProperty(content, reading.text))
  }
  return reading.end()
}

/** `BEGIN` or `END`: all that is looked for in a card that has too much already */
function isBorder([first = 0, second = 0]: Uint8Array): boolean {
  const [one, two] = [first & 0xdf, second & 0xdf]
  return (one === 66 || one === 69) && (two === 69 || two === 78)
}

class Reading {
  readonly text: FileText
  readonly #newUid: () => string
  readonly #cards: { line: number; card: Card }[] = []
  readonly #problems: VcardProblem[] = []
  #problemCount = 0
  #open: { readonly line: number; readonly properties: VcardProperty[]; isTold: boolean } | undefined
  /** Cards within a card (AGENT of 2.1) */
  #depth = 0
  #last = ''

  constructor(text: FileText, newUid: () => string) {
    this.text = text
    this.#newUid = newUid
  }

  problem(line: number, code: VcardProblem['code']): void {
    this.#problemCount++
    if (this.#problems.length < maxProblems) this.#problems.push({ line, code })
  }

  take(line: number, property: VcardProperty | undefined): void {
    if (!property) return this.problem(line, this.#open ? 'not-a-property' : 'outside')
    const isCard = /^VCARD$/i.test(property.value)
    if (property.name === 'BEGIN' && isCard) this.#begin(line)
    else if (property.name === 'END' && isCard) this.#end(line)
    else if (!this.#open) this.problem(line, 'outside')
    else if (this.#depth === 0) this.#open.properties.push(property)
    this.#last = property.name
  }

  end(): VcardFile {
    if (this.#open) {
      this.problem(this.#open.line, 'not-ended')
      this.#finish()
    }
    return { cards: named(this.#cards), problems: this.#problems, problemCount: this.#problemCount }
  }

  get isFull(): boolean {
    return (this.#open?.properties.length ?? 0) >= maxProperties || this.#depth > 0
  }

  /** A property of a full card, or of a card within a card */
  pass(line: number): void {
    this.#last = ''
    if (this.#depth > 0 || !this.#open || this.#open.isTold) return
    this.#open.isTold = true
    this.problem(line, 'too-many-properties')
  }

  #begin(line: number): void {
    if (this.#open && (this.#last === 'AGENT' || this.#depth > 0)) {
      this.#depth++
      return
    }
    if (this.#open) {
      this.problem(this.#open.line, 'not-ended')
      this.#finish()
    }
    this.#open = { line, properties: [], isTold: false }
  }

  #end(line: number): void {
    if (this.#depth > 0) this.#depth--
    else if (this.#open) this.#finish()
    else this.problem(line, 'outside')
  }

  #finish(): void {
    const { line = 0, properties = [] } = this.#open ?? {}
    this.#open = undefined
    this.#depth = 0
    const card = cardOf(properties, this.#newUid)
    if (!card) this.problem(line, 'empty')
    else if (this.#cards.length >= maxCards) this.problem(line, 'too-many-cards')
    else this.#cards.push({ line, card })
  }
}

function cardOf(properties: readonly VcardProperty[], newUid: () => string): Card | undefined {
  const version = versionOf(properties)
  const card = new CardBuilder(version, labelsOf(properties, version))
  const isLate = ({ name }: VcardProperty) => late.has(name)
  for (const property of [...properties.filter(one => !isLate(one)), ...properties.filter(isLate)]) {
    if (property.name === 'VERSION' || (property.name === 'X-ABLABEL' && property.group !== undefined)) continue
    const isTaken = (readers.get(property.name) ?? []).some(read => read(property, card) !== false)
    if (!isTaken && property.value !== '') card.keep(property)
  }
  finishName(card)
  const { uid, ...rest } = card.card
  if (Object.keys(rest).every(name => ['kind', 'updated', 'prodId', 'created', 'language'].includes(name)))
    return undefined
  return {
    '@type': 'Card',
    version: '1.0',
    uid: typeof uid === 'string' && uid !== '' ? uid : newUid(),
    ...ownPrototype(rest),
  } as Card
}

function versionOf(properties: readonly VcardProperty[]): VcardVersion {
  const version = properties.find(({ name }) => name === 'VERSION')?.value
  return version === '2.1' || version === '4.0' ? version : '3.0'
}

/** `item1.X-ABLABEL:_$!<HomePage>!$_` */
function labelsOf(properties: readonly VcardProperty[], version: VcardVersion): Map<string, string> {
  const labels = new Map<string, string>()
  for (const { name, group, value } of properties) {
    if (name !== 'X-ABLABEL' || group === undefined) continue
    const label = unescapeText(value, version)
      .replace(/^_\$!<(.*)>!\$_$/, '$1')
      .trim()
    if (label !== '') labels.set(group.toLowerCase(), label)
  }
  return labels
}

/** Tables grow without a prototype; outside they are objects like any other. */
function ownPrototype(value: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, isRecord(one) ? { ...one } : one]))
}

/** Apple's groups say `urn:uuid:` before the UIDs of their members, which do not. */
function named(cards: { line: number; card: Card }[]): VcardFile['cards'] {
  const uids = new Set(cards.map(({ card }) => card.uid))
  return cards.map(({ line, card }) => {
    if (!card.members) return { line, card }
    const members = Object.keys(card.members).map(uid => {
      const bare = uid.replace(/^urn:uuid:/i, '')
      return [!uids.has(uid) && uids.has(bare) ? bare : uid, true] as const
    })
    return { line, card: { ...card, members: Object.fromEntries(members) } }
  })
}

function uuid(): string {
  return `urn:uuid:${crypto.randomUUID()}`
}

function gathered(tables: readonly Readonly<Record<string, Reader>>[]): Map<string, Reader[]> {
  const all = new Map<string, Reader[]>()
  for (const table of tables)
    for (const [name, reader] of Object.entries(table)) all.set(name, [...(all.get(name) ?? []), reader])
  return all
}
