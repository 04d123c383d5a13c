/** Who somebody is: organisation, titles, dates, notes, groups, and what the card says of itself. RFC 9555 §2.3, §2.4, §2.9, §2.10 */
import { type Json, type JsonRecord, record } from './card.ts'
import type { CardBuilder } from './card-builder.ts'
import { readDate, readTimestamp } from './dates.ts'
import { maxPointerDepth } from './limits.ts'
import type { VcardProperty } from './property.ts'
import { splitEscaped } from './values.ts'

type Reader = (property: VcardProperty, card: CardBuilder) => void | false

export const factReaders: Readonly<Record<string, Reader>> = {
  UID: (property, card) => void (card.card['uid'] ??= card.text(property)),
  KIND: readKind,
  'X-ADDRESSBOOKSERVER-KIND': readKind,
  MEMBER: readMember,
  'X-ADDRESSBOOKSERVER-MEMBER': readMember,
  PRODID: (property, card) => void (card.card['prodId'] ??= card.text(property)),
  LANGUAGE: (property, card) => void (card.card['language'] ??= card.text(property)),
  REV: moment('updated'),
  CREATED: moment('created'),
  ORG: readOrganization,
  'X-DEPARTMENT': (property, card) => {
    const [organization] = Object.values(card.card['organizations'] ?? {}) as JsonRecord[]
    if (!organization || organization['units'] !== undefined) return false
    organization['units'] = [{ name: card.text(property) }]
    return undefined
  },
  TITLE: title('title'),
  ROLE: title('role'),
  BDAY: anniversary('birth'),
  DEATHDATE: anniversary('death'),
  ANNIVERSARY: anniversary('wedding'),
  'X-ANNIVERSARY': anniversary('wedding'),
  BIRTHPLACE: place('birth'),
  DEATHPLACE: place('death'),
  CATEGORIES: (property, card) => {
    for (const one of splitEscaped(property.value, ',')) {
      const word = card.text({ ...property, value: one })
      if (word !== '' && word !== '__proto__') card.part('keywords')[word] = true
    }
  },
  NOTE: readNote,
  RELATED: readRelated,
  GRAMGENDER: (property, card) =>
    void (card.part('speakToAs')['grammaticalGender'] = card.text(property).toLowerCase()),
  PRONOUNS: readPronouns,
  EXPERTISE: personal('expertise', { beginner: 'low', average: 'medium', expert: 'high' }),
  HOBBY: personal('hobby', {}),
  INTEREST: personal('interest', {}),
  JSPROP: readJsonProperty,
}

function readKind(property: VcardProperty, card: CardBuilder): void {
  const kind = card.text(property).toLowerCase()
  if (kind !== '' && kind !== 'individual') card.card['kind'] = kind
}

function readMember(property: VcardProperty, card: CardBuilder): void {
  const uid = card.text(property)
  if (uid !== '' && uid !== '__proto__') card.part('members')[uid] = true
}

function moment(name: string): Reader {
  return (property, card) => {
    const time = readTimestamp(property.value) ?? readTimestamp(`${property.value}T000000Z`)
    if (time === undefined) return false
    card.card[name] ??= time
    return undefined
  }
}

function readOrganization(property: VcardProperty, card: CardBuilder): void {
  const [name = '', ...units] = splitEscaped(property.value, ';').map(value => card.text({ ...property, value }))
  const [first, ...others] = (property.parameters.get('SORT-AS') ?? []).flatMap(one => one.split(','))
  const named = units
    .map((unit, at) => ({ name: unit, ...(others[at] && { sortAs: others[at] }) }))
    .filter(unit => unit.name !== '')
  if (name === '' && named.length === 0) return
  const value = {
    ...(name !== '' && { name }),
    ...(named.length > 0 && { units: named }),
    ...(first && { sortAs: first }),
  }
  const entry = card.add('organizations', property, value, ['SORT-AS'])
  for (const one of card.inGroup(property.group))
    if (waiting.has(one)) one['organizationId'] = idOf(card, 'organizations', entry)
}

/** Titles that stand before the organisation of their group */
const waiting = new WeakSet<JsonRecord>()

function title(kind: string): Reader {
  return (property, card) => {
    const name = card.text(property)
    if (name === '') return
    const id = card
      .inGroup(property.group)
      .map(one => idOf(card, 'organizations', one))
      .find(one => one !== undefined)
    const entry = card.add('titles', property, { name, kind, ...(id !== undefined && { organizationId: id }) })
    if (property.group !== undefined && id === undefined) waiting.add(entry)
  }
}

function idOf(card: CardBuilder, table: string, entry: JsonRecord): string | undefined {
  return Object.entries(card.card[table] ?? {}).find(([, one]) => one === entry)?.[0]
}

function anniversary(kind: string): Reader {
  return (property, card) => {
    if (property.parameters.get('VALUE')?.[0]?.toLowerCase() === 'text') return false
    const date = readDate(property.value)
    if (!date) return false
    const [omitted] = property.parameters.get('X-APPLE-OMIT-YEAR') ?? []
    if (omitted !== undefined && date['year'] === Number(omitted)) delete date['year']
    const [scale] = property.parameters.get('CALSCALE') ?? []
    if (scale !== undefined && scale.toLowerCase() !== 'gregorian') date['calendarScale'] = scale.toLowerCase()
    card.add('anniversaries', property, { kind, date }, ['X-APPLE-OMIT-YEAR', 'CALSCALE'])
    return undefined
  }
}

function place(kind: string): Reader {
  return (property, card) => {
    const entries = Object.values(card.card['anniversaries'] ?? {}) as JsonRecord[]
    const entry = entries.find(one => one['kind'] === kind)
    if (!entry) return false
    const text = card.text(property)
    entry['place'] = /^geo:/i.test(text) ? { coordinates: text } : { full: text }
    return undefined
  }
}

function readNote(property: VcardProperty, card: CardBuilder): void {
  const note = card.text(property)
  if (note === '') return
  const created = readTimestamp(property.parameters.get('CREATED')?.[0] ?? '')
  const [name, uri] = ['AUTHOR-NAME', 'AUTHOR'].map(one => property.parameters.get(one)?.[0])
  const author = { ...(name !== undefined && { name }), ...(uri !== undefined && { uri }) }
  const value = { note, ...(created !== undefined && { created }), ...(Object.keys(author).length > 0 && { author }) }
  card.add('notes', property, value, ['CREATED', 'AUTHOR-NAME', 'AUTHOR'])
}

function readRelated(property: VcardProperty, card: CardBuilder): void | false {
  const to = card.text(property)
  if (to === '' || to === '__proto__') return false
  const relation = record()
  for (const type of property.parameters.get('TYPE') ?? []) relation[type.toLowerCase()] = true
  card.part('relatedTo')[to] = { relation: { ...relation } }
  return undefined
}

function readPronouns(property: VcardProperty, card: CardBuilder): void {
  const speak = card.part('speakToAs')
  const all = (speak['pronouns'] ??= {}) as JsonRecord
  const [given] = property.parameters.get('PROP-ID') ?? []
  const id =
    given !== undefined && /^[\w-]{1,255}$/.test(given) && given !== '__proto__'
      ? given
      : `p${Object.keys(all).length + 1}`
  all[id] = { pronouns: card.text(property), ...card.common(property, 'pronouns') }
}

function personal(kind: string, levels: Readonly<Record<string, string>>): Reader {
  return (property, card) => {
    const given = property.parameters.get('LEVEL')?.[0]?.toLowerCase()
    const level = given === undefined ? undefined : (levels[given] ?? given)
    card.add('personalInfo', property, { kind, value: card.text(property), ...(level !== undefined && { level }) }, [
      'LEVEL',
    ])
  }
}

/** RFC 9555 §3.2.1; waits for the others, which it changes. */
function readJsonProperty(property: VcardProperty, card: CardBuilder): void | false {
  const [pointer] = property.parameters.get('JSPTR') ?? []
  const text = card.text(property)
  if (isDeep(text)) return false
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return false
  }
  return pointer !== undefined && card.set(pointer, value) ? undefined : false
}

/** Brackets within brackets, whatever stands in quotes: towers of them overflow whoever walks through. */
function isDeep(json: string): boolean {
  let depth = 0
  for (const sign of json.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '')) {
    if (sign === '[' || sign === '{') depth++
    else if (sign === ']' || sign === '}') depth--
    if (depth > maxPointerDepth) return true
  }
  return false
}
