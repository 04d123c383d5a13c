/** The octets of blobs that cards and patches name as their media (RFC 9610 §3): brought before the account writes them. */
import { concatBytes } from '#base/bytes.ts'
import { maxCardBytes } from '#formats/jscontact/limits.ts'
import { readMediaBlobId } from '#formats/jscontact/ids.ts'
import { openBlob } from '../blob/open-blob.ts'
import { maxPhotoBytesInSet } from '../limits.ts'
import { type MethodContext, MethodFault, resolvedId } from '../method.ts'
import { isObject } from '../syntax/request.ts'
import type { JsonObject, JsonValue } from '../wire.ts'

/** Of all of a call's cards and patches, by the ids that they say (`#b` is what Blob/upload made under it, RFC 9404 §4.1); what is not there or is too large for a card has none. */
export async function photosOf(
  given: readonly JsonObject[],
  context: MethodContext,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const brought = new Map<string, Uint8Array>()
  let left = maxPhotoBytesInSet
  for (const named of new Set(given.flatMap(blobIdsIn))) {
    // the account has these already
    if (readMediaBlobId(named) !== undefined) continue
    const id = resolvedId(named, context)
    const blob = id === undefined ? undefined : await openBlob(context, context.login.account, id)
    if (!blob || blob.sizeBytes > maxCardBytes) continue
    left -= blob.sizeBytes
    if (left < 0)
      throw new MethodFault('requestTooLarge', `Photos of one call have ${maxPhotoBytesInSet} octets at most`)
    const chunks: Uint8Array[] = []
    for await (const chunk of blob.open()) chunks.push(chunk)
    brought.set(named, concatBytes(chunks))
  }
  return brought
}

/** A card's `media`, and paths of patches that lead to it or into it */
function blobIdsIn(given: JsonObject): readonly string[] {
  return Object.entries(given).flatMap(([path, value]) => {
    const [property, , member, ...deeper] = path.split('/')
    if (property !== 'media' || deeper.length > 0) return []
    if (member !== undefined) return member === 'blobId' && typeof value === 'string' ? [value] : []
    return path === 'media' ? members(value).flatMap(idOf) : idOf(value)
  })
}

function members(value: JsonValue): readonly JsonValue[] {
  return isObject(value) ? Object.values(value) : []
}

function idOf(media: JsonValue): readonly string[] {
  return isObject(media) && typeof media['blobId'] === 'string' ? [media['blobId']] : []
}
