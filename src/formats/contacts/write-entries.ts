/** EMAIL, TEL, ADR, IMPP, URL, PHOTO and the other tables of a card. RFC 9555 §2.5 to §2.9 */
import { isRecord, type JsonRecord, textOf } from './card.ts'
import { addressKinds, addressSummaries, placeComponents, printPlaces } from './components.ts'
import { type LineParameters } from './print-line.ts'
import { type Resource, resources } from './read-resources.ts'
import { escapeText, isUri, printUri } from './values.ts'
import { entriesOf, type Writer } from './writer.ts'

export function writeEntries(writer: Writer, card: JsonRecord): void {
  for (const [id, value] of entriesOf(writer, card, 'emails')) {
    const address = textOf(value, 'address')
    const parameters: LineParameters = writer.isOld ? [['TYPE', ['INTERNET']]] : []
    writer.entry(['emails', id], value, { name: 'EMAIL', parameters, value: address && escapeText(address) }, [
      'address',
    ])
  }
  for (const [id, value] of entriesOf(writer, card, 'phones')) writePhone(writer, id, value)
  for (const [id, value] of entriesOf(writer, card, 'addresses')) writeAddress(writer, id, value)
  for (const [id, value] of entriesOf(writer, card, 'onlineServices')) writeService(writer, id, value)
  for (const [id, value] of entriesOf(writer, card, 'preferredLanguages')) {
    const language = textOf(value, 'language')
    if (!writer.isOld) writer.entry(['preferredLanguages', id], value, { name: 'LANG', value: language }, ['language'])
  }
  for (const table of new Set(Object.values(resources).map(one => one.table)))
    for (const [id, value] of entriesOf(writer, card, table))
      writeResource(writer, { table, kind: textOf(value, 'kind') }, id, value)
}

function writePhone(writer: Writer, id: string, value: JsonRecord): void {
  const number = textOf(value, 'number')
  const shown = writer.isOld ? number?.replace(/^tel:/i, '') : number
  const parameters: LineParameters = number !== undefined && isUri(number) && !writer.isOld ? [['VALUE', 'uri']] : []
  writer.entry(['phones', id], value, { name: 'TEL', parameters, value: shown && printUri(shown) }, ['number'])
}

function writeAddress(writer: Writer, id: string, value: JsonRecord): void {
  const components = Array.isArray(value['components']) ? value['components'] : []
  const separator = typeof value['defaultSeparator'] === 'string' ? value['defaultSeparator'] : undefined
  const placed = placeComponents(components, addressKinds, separator)
  const isPlain = components.every(
    one => isRecord(one) && Object.keys(one).every(name => ['@type', 'kind', 'value'].includes(name)),
  )
  const isOrdered = value['isOrdered'] === true
  const full = textOf(value, 'full')
  const [geo, zone, country] = [textOf(value, 'coordinates'), textOf(value, 'timeZone'), textOf(value, 'countryCode')]
  const parameters: LineParameters = writer.isOld
    ? []
    : [
        ['JSCOMPS', isOrdered && components.length > 0 ? placed?.jscomps : undefined],
        ['LABEL', full],
        ['GEO', geo],
        ['TZ', zone],
        ['CC', country],
      ]
  writer.entry(
    ['addresses', id],
    value,
    {
      name: 'ADR',
      parameters,
      value:
        placed && isPlain && (components.length > 0 || full !== undefined)
          ? printPlaces(withSummaries(placed.places, writer.isOld))
          : undefined,
    },
    [
      'components',
      'full',
      'coordinates',
      'timeZone',
      'countryCode',
      ...(isOrdered && components.length > 0 ? ['isOrdered', 'defaultSeparator'] : []),
    ],
  )
  if (writer.isOld && full !== undefined) writer.line({ name: 'LABEL', value: escapeText(full) })
}

/** Old programs read the street in the third place. */
function withSummaries(places: readonly string[][], isOld: boolean): readonly (readonly string[])[] {
  const filled = places.map((values, place) => {
    const kinds = addressSummaries[place]
    return kinds ? kinds.flatMap(kind => places[addressKinds.indexOf(kind as 'room')] ?? []) : values
  })
  return isOld ? filled.slice(0, 7) : filled
}

function writeService(writer: Writer, id: string, value: JsonRecord): void {
  const [uri, user, service] = [textOf(value, 'uri'), textOf(value, 'user'), textOf(value, 'service')]
  const name = textOf(value, 'vCardName')?.toUpperCase()
  const written = ['uri', 'user', 'service', 'vCardName']
  const at = ['onlineServices', id] as const
  if (name === 'IMPP' && uri !== undefined) {
    const parameters: LineParameters = [
      ['X-SERVICE-TYPE', service],
      ['USERNAME', user],
    ]
    return writer.entry(at, value, { name, parameters, value: printUri(uri) }, written)
  }
  if (
    name?.startsWith('X-') &&
    name !== 'X-SOCIALPROFILE' &&
    /^[\w-]+$/.test(name) &&
    uri === undefined &&
    user !== undefined
  )
    return writer.entry(at, value, { name, value: escapeText(user) }, written)
  if ((name === 'X-SOCIALPROFILE' || writer.isOld) && uri !== undefined) {
    const parameters: LineParameters = [
      ['TYPE', service === undefined ? [] : [service]],
      ['X-USER', user],
    ]
    return writer.entry(at, value, { name: 'X-SOCIALPROFILE', parameters, value: printUri(uri) }, written)
  }
  if (writer.isOld) return undefined
  const isText = uri === undefined && user !== undefined
  const parameters: LineParameters = [
    ['SERVICE-TYPE', service],
    ['USERNAME', isText ? undefined : user],
    ['VALUE', isText ? 'text' : undefined],
  ]
  const said = isText ? user : uri
  return writer.entry(
    at,
    value,
    { name: 'SOCIALPROFILE', parameters, value: said && (isText ? escapeText(said) : printUri(said)) },
    written.filter(one => one !== 'vCardName'),
  )
}

function writeResource(writer: Writer, { table, kind }: Resource, id: string, value: JsonRecord): void {
  const name = Object.entries(resources).find(([, one]) => one.table === table && one.kind === kind)?.[0]
  const uri = textOf(value, 'uri')
  if (name === undefined || uri === undefined) return writer.json([table, id], value)
  if (writer.isOld && name !== 'URL') return writeOldResource(writer, name, uri)
  const listAs = value['listAs']
  const parameters: LineParameters = typeof listAs === 'number' ? [['INDEX', String(listAs)]] : []
  const written = ['kind', 'uri', 'listAs']
  return writer.entry([table, id], value, { name, parameters, value: printUri(uri) }, written)
}

/** RFC 2426 §3.1.4: data stands in the line itself */
function writeOldResource(writer: Writer, name: string, uri: string): void {
  const [, type = '', data] = /^data:([^;,]*)(?:;[^,]*)?;base64,([A-Za-z0-9+/]+={0,2})$/.exec(uri) ?? []
  const parameters: LineParameters =
    data === undefined
      ? [['VALUE', 'uri']]
      : [
          ['ENCODING', 'b'],
          ['TYPE', type.replace(/^.*\//, '').toUpperCase()],
        ]
  writer.line({ name, parameters, value: data ?? printUri(uri) })
}
