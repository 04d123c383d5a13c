/**
 * Photos, logos and sounds of a card (RFC 9610 §3): what it holds itself, as a `data:` URI (RFC 2397) or by the id of a blob, is kept apart from
 * it, and the card names it by `blobId` with its `mediaType`.
 */
import { createHash } from 'node:crypto'
import { printMediaBlobId } from './ids.ts'
import { isObject, type Json, type JsonObject, member, withMember } from './json.ts'
import type { Fault } from './shape.ts'

export type KeptMedia = {
  readonly card: JsonObject
  /** Octets by the hash in their blob id */
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/** `bytesOf`: of a blob by its id; undefined: there is none. The card has the shape of one. */
export function keepMedia(card: JsonObject, bytesOf: (blobId: string) => Uint8Array | undefined): KeptMedia | Fault {
  const media = member(card, 'media')
  if (!isObject(media)) return { card, blobs: new Map() }
  const blobs = new Map<string, Uint8Array>()
  const entries: [string, Json][] = []
  for (const [key, one] of Object.entries(media)) {
    const kept = isObject(one) ? keepOne(one, `media/${key}`, bytesOf) : { entry: one }
    if ('why' in kept) return kept
    entries.push([key, kept.entry])
    if ('bytes' in kept) blobs.set(kept.hash, kept.bytes)
  }
  return { card: withMember(card, 'media', Object.fromEntries(entries)), blobs }
}

type KeptEntry =
  | { readonly entry: Json }
  | { readonly entry: Json; readonly hash: string; readonly bytes: Uint8Array }
  | Fault

function keepOne(entry: JsonObject, at: string, bytesOf: (blobId: string) => Uint8Array | undefined): KeptEntry {
  const uri = member(entry, 'uri')
  const blobId = member(entry, 'blobId')
  if (uri !== undefined && blobId !== undefined) return { at, why: 'It should have either a uri or a blobId' }
  const isData = typeof uri === 'string' && /^data:/i.test(uri)
  if (typeof blobId !== 'string' && !isData) return { entry }
  const found =
    typeof blobId === 'string' ? { bytes: bytesOf(blobId), type: undefined } : isData ? dataOf(uri) : undefined
  if (!found?.bytes)
    return isData ? { at: `${at}/uri`, why: 'It cannot be read' } : { at: `${at}/blobId`, why: 'There is no such blob' }
  const hash = createHash('sha256').update(found.bytes).digest('hex').slice(0, 32)
  const type = member(entry, 'mediaType') ?? found.type ?? typeOf(found.bytes)
  const named = withMember(withMember(entry, 'uri', undefined), 'blobId', printMediaBlobId(hash))
  return { entry: withMember(named, 'mediaType', type), hash, bytes: found.bytes }
}

/** RFC 2397 §3. Undefined: it cannot be read */
function dataOf(uri: string): { readonly bytes: Uint8Array; readonly type: string | undefined } | undefined {
  const comma = uri.indexOf(',')
  if (comma < 0) return undefined
  const [type = '', ...parameters] = uri.slice('data:'.length, comma).split(';')
  const data = uri.slice(comma + 1)
  const octets = unescaped(data)
  const isBase64 = parameters.some(one => one.trim().toLowerCase() === 'base64')
  const bytes = isBase64 ? octets && fromBase64(octets.toString('latin1')) : octets
  return bytes && { bytes: new Uint8Array(bytes), type: type.includes('/') ? type.toLowerCase() : undefined }
}

/** RFC 3986 §2.1: %XX is an octet, whatever text it may be; what is not ASCII and stands there all the same is UTF-8. */
function unescaped(data: string): Buffer | undefined {
  const octets = Buffer.from(data, 'utf8')
  let length = octets.indexOf(percent)
  if (length < 0) return octets
  for (let index = length; index < octets.length; index++) {
    const octet = octets[index] ?? 0
    if (octet !== percent) octets[length++] = octet
    else {
      const high = hexDigit(octets[index + 1])
      const low = hexDigit(octets[index + 2])
      if (high === undefined || low === undefined) return undefined
      octets[length++] = high * 16 + low
      index += 2
    }
  }
  return octets.subarray(0, length)
}

const percent = 0x25

function hexDigit(octet = 0): number | undefined {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30
  const upper = octet & 0xdf
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : undefined
}

function fromBase64(text: string): Buffer | undefined {
  const plain = text.replaceAll(/[\s=]/g, '')
  return /^[A-Za-z0-9+/_-]*$/.test(plain) ? Buffer.from(plain, 'base64') : undefined
}

const beginnings: readonly (readonly [string, readonly number[]])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46]],
]

/** RFC 9610 §3: mediaType is there where blobId is */
function typeOf(bytes: Uint8Array): string {
  const found = beginnings.find(([, octets]) => octets.every((octet, index) => bytes[index] === octet))
  return found?.[0] ?? 'application/octet-stream'
}
