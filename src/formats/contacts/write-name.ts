/** FN, N with its readings, NICKNAME; ORG, TITLE, ROLE. RFC 9555 §2.4 */
import { isRecord, type Json, type JsonRecord, textOf } from './card.ts'
import { nameKinds, placeComponents, printPlaces } from './components.ts'
import { fullName } from './full-name.ts'
import { escapeText } from './values.ts'
import { entriesOf, type Writer } from './writer.ts'

export function writeName(writer: Writer, card: JsonRecord): void {
  const name = isRecord(card['name']) ? card['name'] : {}
  const full = textOf(name, 'full')
  const shown = full ?? (fullName(name) || fallback(card))
  writer.line({
    name: 'FN',
    parameters: full === undefined && !writer.isOld ? [['DERIVED', 'TRUE']] : [],
    value: escapeText(shown),
  })
  const written = ['full', ...writeComponents(writer, name, shown)]
  if (card['name'] !== undefined) writer.rest(['name'], name, written)
  writeNicknames(writer, card)
  writeOrganizations(writer, card)
}

/** FN must be there (RFC 6350 §6.2.1). */
function fallback(card: JsonRecord): string {
  const first = (table: string, member: string) =>
    textOf(Object.values(isRecord(card[table]) ? card[table] : {})[0], member)
  return first('organizations', 'name') ?? first('emails', 'address') ?? first('phones', 'number') ?? ''
}

/** The members of the name that are said. */
function writeComponents(writer: Writer, name: JsonRecord, shown: string): readonly string[] {
  const components = Array.isArray(name['components']) ? name['components'] : []
  const separator = typeof name['defaultSeparator'] === 'string' ? name['defaultSeparator'] : undefined
  const placed = placeComponents(components, nameKinds, separator)
  if (components.length === 0 || !placed) {
    if (writer.isOld) writer.line({ name: 'N', value: `${escapeText(shown)};;;;` })
    return []
  }
  const isOrdered = name['isOrdered'] === true
  const sort = isRecord(name['sortAs']) ? name['sortAs'] : {}
  const sorts = [textOf(sort, 'surname') ?? '', textOf(sort, 'given') ?? '']
  const isSorted =
    sorts.some(one => one !== '') && Object.keys(sort).every(kind => kind === 'surname' || kind === 'given')
  const hasReading = components.some(one => textOf(one, 'phonetic') !== undefined)
  const common = [['ALTID', !writer.isOld && hasReading ? '1' : undefined]] as const
  writer.line({
    name: 'N',
    parameters: [
      ...common,
      ['JSCOMPS', isOrdered && !writer.isOld ? placed.jscomps : undefined],
      ['SORT-AS', isSorted && !writer.isOld ? sorts.join(',').replace(/,$/, '') : undefined],
    ],
    value: printPlaces(forOldPrograms(placed.places, writer.isOld)),
  })
  if (writer.isOld && sorts[0] !== '') writer.line({ name: 'SORT-STRING', value: escapeText(sorts[0] ?? '') })
  const isRead = hasReading && writeReadings(writer, name, components)
  writeUnknown(writer, components)
  return [
    'components',
    ...(isOrdered ? ['isOrdered', 'defaultSeparator'] : []),
    ...(isSorted ? ['sortAs'] : []),
    ...(isRead ? ['phoneticScript', 'phoneticSystem'] : []),
  ]
}

/** RFC 9554 §2.2: what old programs know stands in the old places too. */
function forOldPrograms(places: readonly string[][], isOld: boolean): readonly (readonly string[])[] {
  const [surname = [], given = [], given2 = [], title = [], credential = [], surname2 = [], generation = []] = places
  const first = [[...surname, ...surname2], given, given2, title, [...credential, ...generation]]
  return isOld ? first : [...first, surname2, generation]
}

/** N;PHONETIC for those who know RFC 9554, X-PHONETIC-… for the phones. True: system and script are said. */
function writeReadings(writer: Writer, name: JsonRecord, components: readonly Json[]): boolean {
  const system = textOf(name, 'phoneticSystem')
  const script = textOf(name, 'phoneticScript')
  const readings = components.flatMap(one => {
    const phonetic = textOf(one, 'phonetic')
    return isRecord(one) && phonetic !== undefined ? [{ kind: one['kind'] as Json, value: phonetic }] : []
  })
  const isWhole = components.every(
    one => textOf(one, 'phonetic') !== undefined || (isRecord(one) && one['kind'] === 'separator'),
  )
  const placed = placeComponents(readings, nameKinds, undefined)
  const isSaid = !writer.isOld && isWhole && placed !== undefined && (system !== undefined || script !== undefined)
  if (isSaid)
    writer.line({
      name: 'N',
      parameters: [
        ['ALTID', '1'],
        ['PHONETIC', system ?? 'script'],
        ['SCRIPT', script],
      ],
      value: printPlaces(placed.places),
    })
  else if (!writer.isOld)
    components.forEach((one, at) => {
      if (textOf(one, 'phonetic') !== undefined)
        writer.json(['name', 'components', String(at), 'phonetic'], textOf(one, 'phonetic'))
    })
  if (system === undefined)
    for (const [kind, property] of phones) {
      const value = readings
        .filter(one => one.kind === kind)
        .map(one => one.value)
        .join(' ')
      if (value !== '' && (writer.isOld || isSaid)) writer.line({ name: property, value: escapeText(value) })
    }
  return isSaid
}

const phones = [
  ['surname', 'X-PHONETIC-LAST-NAME'],
  ['given', 'X-PHONETIC-FIRST-NAME'],
  ['given2', 'X-PHONETIC-MIDDLE-NAME'],
] as const

function writeUnknown(writer: Writer, components: readonly Json[]): void {
  components.forEach((one, at) => {
    if (isRecord(one)) writer.rest(['name', 'components', String(at)], one, ['kind', 'value', 'phonetic'])
  })
}

function writeNicknames(writer: Writer, card: JsonRecord): void {
  for (const [id, value] of entriesOf(writer, card, 'nicknames')) {
    const name = textOf(value, 'name')
    writer.entry(['nicknames', id], value, { name: 'NICKNAME', value: name && escapeText(name) }, ['name'])
  }
}

function writeOrganizations(writer: Writer, card: JsonRecord): void {
  const titles = entriesOf(writer, card, 'titles')
  const groups = new Map<string, string>()
  for (const [id, value] of entriesOf(writer, card, 'organizations')) {
    const units = Array.isArray(value['units']) ? value['units'] : []
    const names = units.map(unit => textOf(unit, 'name'))
    const isPlain = names.every(one => one !== undefined)
    if (titles.some(([, title]) => title['organizationId'] === id)) groups.set(id, writer.newGroup())
    const name = textOf(value, 'name')
    const sorts = [textOf(value, 'sortAs') ?? '', ...units.map(unit => textOf(unit, 'sortAs') ?? '')]
    const line =
      isPlain && (name !== undefined || names.length > 0)
        ? [name ?? '', ...names].map(one => escapeText(one ?? '')).join(';')
        : undefined
    writer.entry(
      ['organizations', id],
      value,
      {
        name: 'ORG',
        group: groups.get(id),
        parameters: [
          ['SORT-AS', sorts.some(one => one !== '') && !writer.isOld ? sorts.join(',').replace(/,+$/, '') : undefined],
        ],
        value: line,
      },
      ['name', 'units', 'sortAs'],
    )
  }
  for (const [id, value] of titles) {
    const name = textOf(value, 'name')
    const organization = textOf(value, 'organizationId')
    const group = organization === undefined ? undefined : groups.get(organization)
    const kind = value['kind'] ?? 'title'
    writer.entry(
      ['titles', id],
      value,
      {
        name: kind === 'role' ? 'ROLE' : 'TITLE',
        group,
        value: (kind === 'role' || kind === 'title') && name !== undefined ? escapeText(name) : undefined,
      },
      ['name', 'kind', ...(group === undefined ? [] : ['organizationId'])],
    )
  }
}
