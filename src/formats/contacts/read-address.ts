/** ADR, and what stands beside it: LABEL of 3.0, GEO, TZ, Apple's country. RFC 9555 §2.5.1 */
import { type JsonRecord } from './card.ts'
import type { CardBuilder } from './card-builder.ts'
import { addressKinds, readOrder, readPlaces } from './components.ts'
import type { VcardProperty } from './property.ts'

type Reader = (property: VcardProperty, card: CardBuilder) => void | false

export const addressReaders: Readonly<Record<string, Reader>> = {
  ADR: readAddress,
  LABEL: (property, card) => beside(property, card, { full: card.text(property) }),
  GEO: (property, card) => {
    const coordinates = card.version === '4.0' ? property.value : `geo:${property.value.replace(';', ',')}`
    return /^geo:/i.test(coordinates) ? beside(property, card, { coordinates }) : false
  },
  TZ: (property, card) => {
    const zone = timeZone(card.text(property))
    return zone === undefined ? false : beside(property, card, { timeZone: zone })
  },
  'X-ABADR': (property, card) => {
    const [address] = card.inGroup(property.group)
    const code = card.text(property)
    if (!address || !/^[a-z]{2}$/i.test(code)) return false
    address['countryCode'] ??= code.toUpperCase()
    return undefined
  },
}

const uses = ['LABEL', 'GEO', 'TZ', 'CC', 'JSCOMPS', 'PHONETIC', 'SCRIPT']

function readAddress(property: VcardProperty, card: CardBuilder): void | false {
  const { parameters } = property
  if (parameters.has('PHONETIC')) return false
  const all = readPlaces(property.value, card.version).slice(0, addressKinds.length)
  const [jscomps] = parameters.get('JSCOMPS') ?? []
  const ordered = jscomps === undefined ? undefined : readOrder(jscomps, all, addressKinds)
  const components = ordered?.components ?? unordered(all)
  const one = (name: string) => parameters.get(name)?.[0]
  const [label, geo, zone, country] = [one('LABEL'), one('GEO'), one('TZ'), one('CC')]
  if (components.length === 0 && label === undefined) return undefined
  card.add(
    'addresses',
    property,
    {
      ...(components.length > 0 && { components }),
      ...(ordered && { isOrdered: true }),
      ...(ordered?.defaultSeparator !== undefined && { defaultSeparator: ordered.defaultSeparator }),
      ...(label !== undefined && { full: label.replaceAll(String.raw`\n`, '\n') }),
      ...(geo !== undefined && { coordinates: geo }),
      ...(zone !== undefined && { timeZone: zone }),
      ...(country !== undefined && { countryCode: country }),
    },
    uses,
  )
  return undefined
}

/** An address of seven parts says floor and street in the old places; one of eighteen repeats there what comes later. */
function unordered(places: readonly (readonly string[])[]): JsonRecord[] {
  const isNew = places.slice(7).some(values => values.length > 0)
  return places.flatMap((values, place) => {
    const old = place === 1 ? 'apartment' : place === 2 ? 'name' : ''
    const kind = addressKinds[place] || (isNew ? '' : old)
    return kind === '' ? [] : values.map(value => ({ kind, value }))
  })
}

/** To the address of the same group, or the one and only of this TYPE; else an address of its own. */
function beside(property: VcardProperty, card: CardBuilder, facts: JsonRecord): void {
  const { contexts } = card.common(property, 'addresses')
  const addresses = Object.values(card.card['addresses'] ?? {}) as JsonRecord[]
  const [grouped] = card.inGroup(property.group)
  const same = addresses.filter(one => JSON.stringify(one['contexts']) === JSON.stringify(contexts))
  const address = grouped && addresses.includes(grouped) ? grouped : same.length === 1 ? same[0] : undefined
  if (address && !Object.keys(facts).some(name => name in address)) Object.assign(address, facts)
  else card.add('addresses', property, facts)
}

/** A name of IANA's, or an offset that has one: `+0900` is Etc/GMT-9. */
function timeZone(text: string): string | undefined {
  if (/^[A-Z][\w+-]*(?:\/[\w+-]+)+$/i.test(text)) return text
  const [, sign, hours = '', minutes = '00'] = /^([+-])(\d\d?):?(\d\d)?$/.exec(text) ?? []
  if (sign === undefined || minutes !== '00') return undefined
  return Number(hours) === 0 ? 'Etc/UTC' : `Etc/GMT${sign === '+' ? '-' : '+'}${Number(hours)}`
}
