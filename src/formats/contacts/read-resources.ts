/** What lies elsewhere or is data of its own: PHOTO, LOGO, SOUND, KEY, URL, calendars, directories. RFC 9555 §2.7 to §2.9 */
import type { CardBuilder } from './card-builder.ts'
import type { VcardProperty } from './property.ts'

type Reader = (property: VcardProperty, card: CardBuilder) => void | false

export type Resource = { readonly table: string; readonly kind: string | undefined }

/** By property: the table and the kind of its entries */
export const resources: Readonly<Record<string, Resource>> = {
  PHOTO: { table: 'media', kind: 'photo' },
  LOGO: { table: 'media', kind: 'logo' },
  SOUND: { table: 'media', kind: 'sound' },
  KEY: { table: 'cryptoKeys', kind: undefined },
  URL: { table: 'links', kind: undefined },
  'CONTACT-URI': { table: 'links', kind: 'contact' },
  CALURI: { table: 'calendars', kind: 'calendar' },
  FBURL: { table: 'calendars', kind: 'freeBusy' },
  CALADRURI: { table: 'schedulingAddresses', kind: undefined },
  SOURCE: { table: 'directories', kind: 'entry' },
  'ORG-DIRECTORY': { table: 'directories', kind: 'directory' },
}

export const resourceReaders: Readonly<Record<string, Reader>> = Object.fromEntries(
  Object.entries(resources).map(([name, resource]): [string, Reader] => [name, reader(resource)]),
)

const mediaTypes: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  pgp: 'application/pgp-keys',
  x509: 'application/pkix-cert',
  wave: 'audio/wav',
  basic: 'audio/basic',
}

function reader({ table, kind }: Resource): Reader {
  return (property, card) => {
    const uri = property.isBase64 ? dataUri(property) : uriOf(property, card)
    if (uri === undefined) return false
    const index = property.parameters.get('INDEX')?.[0]
    const listAs = Number(index ?? 'none')
    const isListed = table === 'directories' && Number.isInteger(listAs) && listAs > 0
    const value = { ...(kind !== undefined && { kind }), uri, ...(isListed && { listAs }) }
    const uses = [...(property.isBase64 ? ['TYPE', 'X-ABCROP-RECTANGLE'] : []), ...(isListed ? ['INDEX'] : [])]
    const entry = card.add(table, property, value, uses)
    if (property.isBase64) delete entry['mediaType']
    return undefined
  }
}

function uriOf(property: VcardProperty, card: CardBuilder): string | undefined {
  const value = card.version === '2.1' ? property.value : card.text(property)
  if (value === '') return undefined
  if (property.name === 'URL' || /^[a-z][a-z0-9+.-]*:/i.test(value)) return value
  return undefined
}

function dataUri({ parameters, value }: VcardProperty): string | undefined {
  if (value === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined
  const named = [...(parameters.get('MEDIATYPE') ?? []), ...(parameters.get('TYPE') ?? [])]
  const type = named
    .map(one => (one.includes('/') ? one.toLowerCase() : mediaTypes[one.toLowerCase()]))
    .find(one => one !== undefined)
  return `data:${type ?? sniffed(value)};base64,${value}`
}

/** By its first octets */
function sniffed(base64: string): string {
  if (base64.startsWith('/9j/')) return 'image/jpeg'
  if (base64.startsWith('iVBORw0KGgo')) return 'image/png'
  return base64.startsWith('R0lGOD') ? 'image/gif' : 'application/octet-stream'
}
