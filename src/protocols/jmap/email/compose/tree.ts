/** Parts as a client describes them, checked. RFC 8621 §4.6 */
import { maxNewParts } from '../../limits.ts'
import { isArray, isObject } from '../../syntax/request.ts'
import type { JsonObject, JsonValue } from '../../wire.ts'
import { type Field, headerFields } from './fields.ts'
import type { Invalid } from './invalid.ts'
import { mimeOf, type PartMime } from './mime.ts'

export type NewPart = {
  readonly type: string
  readonly mime: PartMime
  /** `header:…` of the part */
  readonly fields: readonly Field[]
  readonly content:
    | { readonly kind: 'parts'; readonly parts: readonly NewPart[] }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'blob'; readonly blobId: string }
}

export type TreeFacts = {
  readonly texts: ReadonlyMap<string, string>
  readonly invalid: Invalid
  /** Parts that there may still be */
  readonly room: { left: number }
}

/** `taken`: header fields that the part must not have, being those of the email itself */
export function readPart(
  given: JsonValue,
  at: string,
  facts: TreeFacts,
  standard: { readonly type?: string; readonly taken?: Set<string> } = {},
): NewPart | undefined {
  const { invalid, room } = facts
  if (!isObject(given)) {
    invalid.add(at, 'A part is an object')
    return undefined
  }
  if (--room.left < 0) {
    invalid.add(at, `At most ${maxNewParts} parts`)
    return undefined
  }
  const below = `${at}/`
  for (const name of Object.keys(given))
    if (!known.has(name) && !name.startsWith('header:'))
      invalid.add(below + name, 'There is no such property of a part')
  const type = typeOf(given, standard.type)
  if (type === undefined) {
    invalid.add(`${below}type`, 'This is no media type')
    return undefined
  }
  const taken = standard.taken ?? new Set<string>()
  const mime = mimeOf(given, type, below, invalid, taken)
  const fields = headerFields(given, { at: below, isPart: true, taken }, invalid)
  const content = contentOf(given, type, at, facts)
  return content && { type, mime, fields, content }
}

const known: ReadonlySet<string> = new Set([
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'subParts',
])

const mediaType = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/

function typeOf({ type = null, blobId, subParts }: JsonObject, standard: string | undefined): string | undefined {
  if (typeof type === 'string') return mediaType.test(type.toLowerCase()) ? type.toLowerCase() : undefined
  if (type !== null) return undefined
  if (isArray(subParts)) return 'multipart/mixed'
  return standard ?? (typeof blobId === 'string' ? 'application/octet-stream' : 'text/plain')
}

function contentOf(given: JsonObject, type: string, at: string, facts: TreeFacts): NewPart['content'] | undefined {
  const { partId = null, blobId = null, subParts = null, charset = null, size = null } = given
  const { invalid } = facts
  const isMultipart = type.startsWith('multipart/')
  const wrong = (name: string, why: string) => {
    invalid.add(`${at}/${name}`, why)
    return undefined
  }
  if (isMultipart !== (subParts !== null)) return wrong('subParts', 'A multipart has parts, and nothing else has')
  if (isMultipart) {
    if (partId !== null || blobId !== null) return wrong('partId', 'A multipart has no content of its own')
    if (!isArray(subParts) || subParts.length === 0) return wrong('subParts', 'A multipart has one part at least')
    const parts = subParts.map((one, index) => readPart(one, `${at}/subParts/${index}`, facts))
    return { kind: 'parts', parts: parts.filter(part => part !== undefined) }
  }
  if ((partId === null) === (blobId === null)) return wrong('partId', 'A part has either a partId or a blobId')
  if (typeof blobId === 'string') return { kind: 'blob', blobId }
  const text = typeof partId === 'string' ? facts.texts.get(partId) : undefined
  if (text === undefined) return wrong('partId', 'There is no such body value')
  if (charset !== null) return wrong('charset', 'The charset of a body value is chosen here')
  if (size !== null) return wrong('size', 'The size of a body value is counted here')
  if (type.startsWith('message/')) return wrong('type', 'A message comes from a blob')
  return { kind: 'text', text }
}
