/** N, FN and the readings that Apple, Android and Japanese phones write. RFC 9555 §2.4 */
import { isRecord, type Json, type JsonRecord } from './card.ts'
import type { CardBuilder } from './card-builder.ts'
import { nameKinds, readOrder, readPlaces } from './components.ts'
import { scriptOf } from './full-name.ts'
import type { VcardProperty } from './property.ts'
import { splitEscaped } from './values.ts'

type Reader = (property: VcardProperty, card: CardBuilder) => void | false

export const nameReaders: Readonly<Record<string, Reader>> = {
  FN: readFull,
  N: readName,
  NICKNAME: (property, card) => {
    for (const one of splitEscaped(property.value, ',')) {
      const name = card.text({ ...property, value: one })
      if (name !== '') card.add('nicknames', property, { name })
    }
  },
  'SORT-STRING': (property, card) => sortAs(card, { surname: card.text(property) }),
  'X-PHONETIC-LAST-NAME': phonetic('surname'),
  'X-PHONETIC-FIRST-NAME': phonetic('given'),
  'X-PHONETIC-MIDDLE-NAME': phonetic('given2'),
  SOUND: readReading,
}

/** The one that the person prefers, else the first; names in other languages (ALTID) are kept as they are. */
function readFull(property: VcardProperty, card: CardBuilder): void | false {
  const full = card.text(property)
  const name = card.part('name')
  if (full === '' || full === name['full'] || property.parameters.get('DERIVED')?.[0]?.toLowerCase() === 'true')
    return undefined
  if (name['full'] !== undefined && card.common(property, 'name')['pref'] !== 1) return false
  name['full'] = full
  return undefined
}

function readName(property: VcardProperty, card: CardBuilder): void | false {
  const all = readPlaces(property.value, card.version).slice(0, nameKinds.length)
  const places = withoutRepeats(all)
  const system = property.parameters.get('PHONETIC')?.[0]
  if (system !== undefined) return readPhoneticName(property, card, places)
  const name = card.part('name')
  if (name['components'] !== undefined) return false
  const [jscomps] = property.parameters.get('JSCOMPS') ?? []
  const ordered = jscomps === undefined ? undefined : readOrder(jscomps, all, nameKinds)
  const components =
    ordered?.components ??
    places.flatMap((values, place) => values.map(value => ({ kind: nameKinds[place] as string, value })))
  if (components.length === 0) return undefined
  name['components'] = components
  if (ordered) name['isOrdered'] = true
  if (ordered?.defaultSeparator !== undefined) name['defaultSeparator'] = ordered.defaultSeparator
  const sort = property.parameters.get('SORT-AS')
  // quoted, its commas part the values too
  if (sort) {
    const [surname, given] = sort.flatMap(one => one.split(',')).map(one => one.trim())
    sortAs(card, { ...(surname && { surname }), ...(given && { given }) })
  }
  return undefined
}

/** The second surname and the generation stand in the places of old programs too (RFC 9554 §2.2). */
function withoutRepeats(places: string[][]): string[][] {
  const [surname = [], given = [], given2 = [], title = [], credential = [], surname2 = [], generation = []] = places
  return [
    surname.filter((one, at) => at === 0 || !surname2.includes(one)),
    given,
    given2,
    title,
    credential.filter(one => !generation.includes(one)),
    surname2,
    generation,
  ]
}

function sortAs(card: CardBuilder, sort: JsonRecord): void {
  if (Object.values(sort).some(one => one !== '')) card.part('name')['sortAs'] = sort
}

/** RFC 9554 §4.5, RFC 9555 §2.4.1 */
function readPhoneticName({ parameters }: VcardProperty, card: CardBuilder, places: readonly string[][]): void {
  const name = card.part('name')
  const system = parameters.get('PHONETIC')?.[0]?.toLowerCase()
  const [script] = parameters.get('SCRIPT') ?? []
  if (system !== undefined && system !== 'script') name['phoneticSystem'] = system
  if (script !== undefined) name['phoneticScript'] = script
  places.forEach((values, place) =>
    values.forEach((value, at) => setPhonetic(card, nameKinds[place] as string, value, at)),
  )
}

/** `SOUND;X-IRMC-N:ﾔﾏﾀﾞ;ﾊﾅｺ;;;`, as Japanese phones do; other sounds are sounds. */
function readReading(property: VcardProperty, card: CardBuilder): void | false {
  const types = property.parameters.get('TYPE') ?? []
  if (!types.some(type => /^X-IRMC-N$/i.test(type))) return false
  const [first = [], ...others] = readPlaces(property.value, '2.1')
  const places = [first, ...others]
  // some write both in the first place
  const [surname, given] = others.every(one => one.length === 0)
    ? (first[0] ?? '').split(/[ 　]+/)
    : [first[0], others[0]?.[0]]
  for (const [kind, value] of [
    ['surname', surname],
    ['given', given],
  ] as const)
    if (value !== undefined && value !== '') setPhonetic(card, kind, wide(value))
  return places.length > 0 ? undefined : false
}

function phonetic(kind: string): Reader {
  return (property, card) => {
    const value = card.text(property)
    if (value !== '') setPhonetic(card, kind, wide(value))
  }
}

/** Half-width katakana are what phones had room for. */
function wide(text: string): string {
  return text.replaceAll(/[｡-ﾟ]+/g, half => half.normalize('NFKC'))
}

type Reading = { readonly kind: string; readonly value: string; readonly at: number }

/** N may come later: readings wait until all has been read. */
function setPhonetic(card: CardBuilder, kind: string, value: string, at = 0): void {
  const found = readings.get(card) ?? []
  if (!found.some(one => one.kind === kind && one.at === at)) readings.set(card, [...found, { kind, value, at }])
}

const readings = new WeakMap<CardBuilder, readonly Reading[]>()

/** After the last property: readings go to their components, and the script is named. RFC 9553 §2.2.1.3 */
export function finishName(card: CardBuilder): void {
  const found = readings.get(card) ?? []
  if (found.length > 0) {
    const name = card.part('name')
    if (!Array.isArray(name['components'])) name['components'] = []
    const components = name['components'] as Json[]
    for (const { kind, value, at } of found) {
      const component = components.filter(one => isRecord(one) && one['kind'] === kind)[at]
      if (isRecord(component)) component['phonetic'] = value
      else components.push({ kind, value, phonetic: value })
    }
    if (name['phoneticSystem'] === undefined && name['phoneticScript'] === undefined)
      name['phoneticScript'] = scriptOf(found.map(({ value }) => value).join(''))
  }
  const name = card.card['name']
  if (isRecord(name) && Object.keys(name).length === 0) delete card.card['name']
}
