/** Properties that are read from the letter itself. RFC 8621 §4.1.2 to §4.1.4 */
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { printPartBlobId } from '../blob/id.ts'
import type { EmailBodyPart, EmailBodyValue } from '../wire.ts'
import type { SizeOf } from '../letters/part-sizes.ts'
import { bodyValue } from './body-value.ts'
import { namedHeaders } from './header-property.ts'
import { allHeaders, type Header, headerValue, undeclaredAs } from './header-value.ts'
import { hasAttachment } from '#formats/message/body-lists.ts'
import { leavesOf, type LetterBodies, letterBodies, type LetterPart } from './letter-parts.ts'
import type { ShownEmail, Wanted } from './properties.ts'

export type BodyWishes = {
  readonly parts: Wanted
  readonly fetchText: boolean
  readonly fetchHtml: boolean
  readonly fetchAll: boolean
  /** 0: no limit */
  readonly maxBytes: number
  /** Octets of body values that the whole answer may still have */
  readonly room: { left: number }
  /** `viewCharset` was given (view.ts): body values tell what charset was found; `charset` is the one to read all in */
  readonly view?: { readonly charset: string | undefined } | undefined
}

/** `headerBytes`: of the letter, its empty line included */
export function headerProperties(
  reader: ByteReader,
  headerBytes: number,
  wanted: Wanted,
  charset?: string,
): ShownEmail {
  const bytes = reader.read(0, Math.min(headerBytes, maxHeaderBytes)).slice()
  return ofHeader({ bytes, fields: parseHeader(bytes) }, wanted, charset)
}

function ofHeader(header: Header, { names, headers }: Wanted, charset: string | undefined): ShownEmail {
  const shown: Record<string, unknown> = {}
  const plain = undeclaredAs(charset)
  for (const [name, how] of Object.entries(namedHeaders))
    if (names.has(name)) shown[name] = headerValue(header, how, plain)
  for (const how of headers) shown[how.property] = headerValue(header, how, plain)
  if (names.has('headers')) shown['headers'] = allHeaders(header)
  return shown
}

/** `blobId`: of the letter */
export function bodyPropertiesOf(
  reader: ByteReader,
  blobId: string,
  wanted: Wanted,
  wishes: BodyWishes & { readonly sizeOf: SizeOf },
): ShownEmail {
  const { names } = wanted
  const bodies = letterBodies(reader)
  const show = (part: LetterPart) => shownPart(part, { reader, blobId, wanted: wishes.parts, sizeOf: wishes.sizeOf })
  const shown: Record<string, unknown> = {}
  if (names.has('bodyStructure')) shown['bodyStructure'] = show(bodies.root)
  if (names.has('textBody')) shown['textBody'] = bodies.text.map(show)
  if (names.has('htmlBody')) shown['htmlBody'] = bodies.html.map(show)
  if (names.has('attachments')) shown['attachments'] = bodies.attachments.map(show)
  if (names.has('hasAttachment')) shown['hasAttachment'] = hasAttachment(bodies)
  if (names.has('bodyValues')) shown['bodyValues'] = valuesOf(reader, bodies, wishes)
  return shown
}

type Showing = {
  readonly reader: ByteReader
  readonly blobId: string
  readonly wanted: Wanted
  readonly sizeOf: SizeOf
}

function shownPart(of: LetterPart, showing: Showing): Partial<EmailBodyPart> {
  const { blobId, reader, sizeOf } = showing
  const { names, headers } = showing.wanted
  const { header, partId, subParts } = of
  const all: Record<string, () => unknown> = {
    partId: () => partId ?? null,
    blobId: () => (partId === undefined ? null : printPartBlobId(blobId, partId)),
    size: () => (subParts ? 0 : sizeOf(reader, of)),
    headers: () => allHeaders(header),
    name: () => of.name ?? null,
    type: () => of.type,
    charset: () => of.charset ?? null,
    disposition: () => of.disposition ?? null,
    cid: () => of.cid ?? null,
    language: () => of.language ?? null,
    location: () => of.location ?? null,
    subParts: () => subParts?.map(part => shownPart(part, showing)) ?? null,
  }
  const shown: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(all))
    if (names.has(name) || (name === 'subParts' && subParts)) shown[name] = value()
  for (const how of headers) shown[how.property] = headerValue(header, how)
  return shown
}

function valuesOf(reader: ByteReader, bodies: LetterBodies, wishes: BodyWishes): Record<string, EmailBodyValue> {
  const parts = new Set<LetterPart>([
    ...(wishes.fetchText ? bodies.text : []),
    ...(wishes.fetchHtml ? bodies.html : []),
    ...(wishes.fetchAll ? leavesOf(bodies.root) : []),
  ])
  const values: Record<string, EmailBodyValue> = {}
  for (const part of parts) {
    if (part.partId === undefined || part.part.type !== 'text') continue
    const value = bodyValue(reader, part, { maxBytes: wishes.maxBytes, room: wishes.room.left, view: wishes.view })
    wishes.room.left -= Buffer.byteLength(value.value)
    values[part.partId] = value
  }
  return values
}
