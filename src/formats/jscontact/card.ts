/** A card made, and changed: what is given is checked, what the server sets is set, photos are kept apart. RFC 9610 §3, RFC 9553 §2.1 */
import { card as cardShape } from './card-shape.ts'
import { isDeeperThan, type Json, type JsonObject, member, withMember } from './json.ts'
import { maxCardBytes, maxCardDepth, maxCardTextBytes, maxPatchPaths } from './limits.ts'
import { keepMedia, type KeptMedia } from './media.ts'
import { patched } from './patch.ts'
import type { Fault } from './shape.ts'

export type CardSurroundings = {
  readonly nowMs: number
  /** For a card that has none */
  newUid(): string
  hasBook(bookId: string): boolean
  bytesOf(blobId: string): Uint8Array | undefined
}

export type CardRefusal =
  | { readonly refused: 'invalid-patch' }
  | { readonly refused: 'invalid-property'; readonly property: string; readonly why: string }
  | { readonly refused: 'value-too-large'; readonly limitBytes: number }

export type WrittenCard = KeptMedia & {
  /** As JSON */
  readonly text: string
  /** Photos included */
  readonly octets: number
  /** Properties that are other than whoever wrote it would think */
  readonly told: JsonObject
}

export function newCard(given: JsonObject, around: CardSurroundings): WrittenCard | CardRefusal {
  const own = member(given, 'id')
  if (own !== undefined) return invalid('id', 'It is set by the server')
  const now = utcDate(around.nowMs)
  const set = { '@type': 'Card', uid: around.newUid(), created: now, updated: now }
  const missing = Object.entries(set).filter(([name]) => member(given, name) === undefined)
  return written({ ...given, ...Object.fromEntries(missing) }, given, around)
}

/** Undefined: nothing is other than it was. `id`: its own */
export function changedCard(
  before: JsonObject,
  id: string,
  patch: JsonObject,
  around: CardSurroundings,
): WrittenCard | CardRefusal | undefined {
  if (Object.keys(patch).length > maxPatchPaths) return { refused: 'invalid-patch' }
  const after = patched(withMember(before, 'id', id), patch)
  if (!after) return { refused: 'invalid-patch' }
  if (member(after, 'id') !== id) return invalid('id', 'It stays as it is')
  const changed = withMember(after, 'id', undefined)
  if (JSON.stringify(changed) === JSON.stringify(before)) return undefined
  const isTold = Object.hasOwn(patch, 'updated')
  return written(isTold ? changed : withMember(changed, 'updated', utcDate(around.nowMs)), changed, around)
}

function written(card: JsonObject, given: JsonObject, around: CardSurroundings): WrittenCard | CardRefusal {
  if (isDeeperThan(card, maxCardDepth)) return invalid('', `It has more than ${maxCardDepth} levels`)
  const fault = cardShape(card, '') ?? relationFault(card, around)
  if (fault) return invalid(fault.at, fault.why)
  const kept = keepMedia(card, around.bytesOf)
  if ('why' in kept) return invalid(kept.at, kept.why)
  const text = JSON.stringify(kept.card)
  const textBytes = Buffer.byteLength(text)
  if (textBytes > maxCardTextBytes) return { refused: 'value-too-large', limitBytes: maxCardTextBytes }
  const octets = [...kept.blobs.values()].reduce((sum, { length }) => sum + length, textBytes)
  return octets > maxCardBytes
    ? { refused: 'value-too-large', limitBytes: maxCardBytes }
    : { ...kept, text, octets, told: differences(kept.card, given) }
}

function differences(card: JsonObject, given: JsonObject): JsonObject {
  const isOther = ([name, value]: readonly [string, Json]) =>
    JSON.stringify(member(given, name)) !== JSON.stringify(value)
  return Object.fromEntries(Object.entries(card).filter(isOther))
}

/** What one property says of another one, and of what stands outside. */
function relationFault(card: JsonObject, { hasBook }: CardSurroundings): Fault | undefined {
  const books = Object.keys(member(card, 'addressBookIds') as JsonObject)
  if (books.length === 0) return { at: 'addressBookIds', why: 'A card is in one address book at least' }
  const unknown = books.find(book => !hasBook(book))
  if (unknown !== undefined) return { at: 'addressBookIds', why: `There is no address book ${unknown.slice(0, 60)}` }
  if (member(card, 'uid') === '') return { at: 'uid', why: 'It should not be empty' }
  // RFC 9553 §2.1.6
  if (member(card, 'members') !== undefined && member(card, 'kind') !== 'group')
    return { at: 'members', why: 'Only a card whose kind is “group” has members' }
  return undefined
}

function invalid(property: string, why: string): CardRefusal {
  return { refused: 'invalid-property', property, why }
}

function utcDate(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
