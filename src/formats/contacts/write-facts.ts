/** What a card says of itself and of the life of somebody: UID, KIND, MEMBER, BDAY, NOTE, CATEGORIES … RFC 9555 §2.3, §2.9, §2.10 */
import { isRecord, type Json, type JsonRecord, textOf } from './card.ts'
import { printDate, printTimestamp } from './dates.ts'
import { type LineParameters } from './print-line.ts'
import { escapeText, isUri, printUri } from './values.ts'
import { entriesOf, textsIn, type Writer } from './writer.ts'

export function writeSelf(writer: Writer, card: JsonRecord): void {
  const uid = textOf(card, 'uid')
  if (uid !== undefined) {
    writer.line({
      name: 'UID',
      parameters: isUri(uid) || writer.isOld ? [] : [['VALUE', 'text']],
      value: printUri(uid),
    })
  }
  writeKind(writer, card)
  const moments = [
    ['REV', 'updated'],
    ['CREATED', 'created'],
  ] as const
  for (const [name, member] of moments) {
    const time = textOf(card, member)
    if (time !== undefined && (!writer.isOld || name === 'REV')) writer.line({ name, value: printTimestamp(time) })
  }
  const product = textOf(card, 'prodId')
  if (product !== undefined) writer.line({ name: 'PRODID', value: escapeText(product) })
  const language = textOf(card, 'language')
  if (language !== undefined && !writer.isOld) writer.line({ name: 'LANGUAGE', value: escapeText(language) })
}

/** Phones know groups as Apple writes them in 3.0. */
function writeKind(writer: Writer, card: JsonRecord): void {
  const kind = textOf(card, 'kind')
  const prefix = writer.isOld ? 'X-ADDRESSBOOKSERVER-' : ''
  if (kind !== undefined && kind !== 'individual' && (!writer.isOld || kind === 'group'))
    writer.line({ name: `${prefix}KIND`, value: escapeText(kind) })
  for (const uid of namesIn(writer, card, 'members')) {
    writer.line({ name: `${prefix}MEMBER`, value: printUri(writer.isOld && !isUri(uid) ? `urn:uuid:${uid}` : uid) })
  }
}

/** Names of a set; one that holds something else than true goes as JSON. */
function namesIn(writer: Writer, card: JsonRecord, member: string): readonly string[] {
  const set = card[member]
  if (set === undefined) return []
  const isSet =
    isRecord(set) && Object.entries(set).every(([name, value]) => value === true && name.trim() === name && name !== '')
  if (isSet && Object.keys(set).length > 0) return Object.keys(set)
  writer.json([member], set)
  return []
}

export function writeFacts(writer: Writer, card: JsonRecord): void {
  for (const [id, value] of entriesOf(writer, card, 'anniversaries')) writeAnniversary(writer, id, value)
  const words = namesIn(writer, card, 'keywords')
  if (words.length > 0) writer.line({ name: 'CATEGORIES', value: words.map(escapeText).join(',') })
  for (const [id, value] of entriesOf(writer, card, 'notes')) writeNote(writer, id, value)
  writeRelated(writer, card)
  writeSpeakToAs(writer, card)
  for (const [id, value] of entriesOf(writer, card, 'personalInfo')) writePersonal(writer, id, value)
}

const dates: Readonly<Record<string, string>> = { birth: 'BDAY', death: 'DEATHDATE', wedding: 'ANNIVERSARY' }
const places: Readonly<Record<string, string>> = { birth: 'BIRTHPLACE', death: 'DEATHPLACE' }

function writeAnniversary(writer: Writer, id: string, value: JsonRecord): void {
  const kind = textOf(value, 'kind') ?? ''
  const date = isRecord(value['date']) ? value['date'] : {}
  const scale = textOf(date, 'calendarScale')
  const isKnown = Object.keys(date).every(name =>
    ['@type', 'year', 'month', 'day', 'utc', 'calendarScale'].includes(name),
  )
  const printed = isKnown && Object.hasOwn(dates, kind) ? printDate(date, writer.isOld) : undefined
  const old = kind === 'wedding' ? 'X-ANNIVERSARY' : dates[kind]
  if (writer.isOld && (printed === undefined || kind === 'death')) return
  const isYearless = writer.isOld && printed !== undefined && /^--\d\d-\d\d$/.test(printed)
  const parameters: LineParameters = writer.isOld
    ? [['X-APPLE-OMIT-YEAR', isYearless ? '1604' : undefined]]
    : [['CALSCALE', scale]]
  const name = (writer.isOld ? old : dates[kind]) ?? ''
  const place = isRecord(value['place']) ? value['place'] : undefined
  const [full, geo] = [textOf(place, 'full'), textOf(place, 'coordinates')]
  const said =
    printed !== undefined && Object.keys(place ?? {}).filter(one => one !== '@type').length === 1
      ? (full ?? geo)
      : undefined
  const isPlaced = said !== undefined && Object.hasOwn(places, kind) && (full !== undefined) !== /^geo:/i.test(said)
  writer.entry(
    ['anniversaries', id],
    value,
    { name, parameters, value: isYearless ? `1604${printed?.slice(1)}` : printed },
    ['kind', 'date', ...(isPlaced ? ['place'] : [])],
  )
  if (isPlaced && !writer.isOld) writer.line({ name: places[kind] ?? '', value: escapeText(said) })
}

function writeNote(writer: Writer, id: string, value: JsonRecord): void {
  const note = textOf(value, 'note')
  const author = isRecord(value['author']) ? value['author'] : {}
  const created = textOf(value, 'created')
  const parameters: LineParameters = writer.isOld
    ? []
    : [
        ['CREATED', created === undefined ? undefined : printTimestamp(created)],
        ['AUTHOR-NAME', textOf(author, 'name')],
        ['AUTHOR', textOf(author, 'uri')],
      ]
  writer.entry(['notes', id], value, { name: 'NOTE', parameters, value: note && escapeText(note) }, [
    'note',
    'created',
    'author',
  ])
}

function writeRelated(writer: Writer, card: JsonRecord): void {
  const all = card['relatedTo']
  if (writer.isOld || all === undefined) return
  if (!isRecord(all)) return writer.json(['relatedTo'], all)
  for (const [to, value] of Object.entries(all)) {
    const relation = isRecord(value) && isRecord(value['relation']) ? value['relation'] : {}
    const types = Object.keys(relation)
    const isPlain =
      isRecord(value) &&
      types.every(type => relation[type] === true && /^[a-z-]+$/.test(type)) &&
      Object.keys(value).every(name => name === 'relation' || name === '@type')
    if (isPlain && to.trim() === to && to !== '')
      writer.line({
        name: 'RELATED',
        parameters: [
          ['TYPE', types],
          ['VALUE', isUri(to) ? undefined : 'text'],
        ],
        value: printUri(to),
      })
    else writer.json(['relatedTo', to], value)
  }
}

function writeSpeakToAs(writer: Writer, card: JsonRecord): void {
  const speak = card['speakToAs']
  if (writer.isOld || speak === undefined) return
  if (!isRecord(speak)) return writer.json(['speakToAs'], speak)
  const gender = textOf(speak, 'grammaticalGender')
  if (gender !== undefined) writer.line({ name: 'GRAMGENDER', value: escapeText(gender) })
  const pronouns = entriesOf(writer, { 'speakToAs/pronouns': speak['pronouns'] }, 'speakToAs/pronouns')
  const isPlain = pronouns.every(([, value]) =>
    Object.keys(value).every(name => ['@type', 'pronouns', 'pref', 'contexts'].includes(name)),
  )
  if (isPlain)
    for (const [id, value] of pronouns) {
      const said = textOf(value, 'pronouns')
      writer.entry(['speakToAs', 'pronouns', id], value, { name: 'PRONOUNS', value: said && escapeText(said) }, [
        'pronouns',
      ])
    }
  writer.rest(['speakToAs'], speak, ['grammaticalGender', ...(isPlain ? ['pronouns'] : [])])
}

const levels: Readonly<Record<string, string>> = { low: 'beginner', medium: 'average', high: 'expert' }

function writePersonal(writer: Writer, id: string, value: JsonRecord): void {
  if (writer.isOld) return
  const kind = textOf(value, 'kind') ?? ''
  const said = ['expertise', 'hobby', 'interest'].includes(kind) ? textOf(value, 'value') : undefined
  const level = textOf(value, 'level')
  const parameters: LineParameters = [
    ['LEVEL', kind === 'expertise' && level !== undefined ? (levels[level] ?? level) : level],
  ]
  writer.entry(['personalInfo', id], value, { name: kind.toUpperCase(), parameters, value: said && escapeText(said) }, [
    'kind',
    'value',
    'level',
  ])
}

/** What a vCard said that JSContact has no place for: as it was (RFC 9555 §3.2.3, RFC 7095 §3.3). */
export function writeKept(writer: Writer, kept: Json | undefined): void {
  for (const one of Array.isArray(kept) ? kept : []) {
    const [name, params, type, ...values] = Array.isArray(one) ? one : []
    if (typeof name !== 'string' || !/^[\w-]{1,100}$/.test(name) || !isRecord(params) || typeof type !== 'string')
      continue
    // 3.0 has one name, and one alone
    if (writer.isOld && /^(?:fn|n)$/i.test(name)) continue
    const { group, ...others } = params
    writer.line({
      group: typeof group === 'string' && /^[\w-]{1,100}$/.test(group) ? group : undefined,
      name: name.toUpperCase(),
      parameters: [
        ...Object.entries(others)
          .filter(([parameter]) => /^[\w-]{1,100}$/.test(parameter))
          .map(
            ([parameter, value]) =>
              [parameter.toUpperCase(), textsIn(typeof value === 'number' ? String(value) : value)] as const,
          ),
        ['VALUE', type === 'unknown' ? undefined : type],
      ],
      value: values.map(value => printKept(value, type)).join(','),
    })
  }
}

function printKept(value: Json | undefined, type: string): string {
  if (Array.isArray(value)) return value.map(one => printKept(one, type)).join(';')
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
  return type === 'text' ? escapeText(text) : text
}
