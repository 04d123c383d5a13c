/** Where a part ends whose end is not held: RFC 2046 §5.1.1 */
import { concatBytes, emptyBytes, utf8 } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'

/**
 * Octets of `tail` that still belong to the part that `held` is the beginning of: up to the line end before the first delimiter of one of
 * the multiparts around it. Negative where the delimiter begins so many octets before the end of `held`; all of the tail where there is none.
 */
export async function delimiterIn(
  held: Uint8Array,
  tail: MessageSource,
  boundaries: readonly Uint8Array[],
): Promise<number> {
  const delimiters = boundaries.map(boundary => concatBytes([utf8('\r\n--'), boundary]))
  const overlap = Math.max(0, ...delimiters.map(({ length }) => length))
  // a delimiter may begin in what is held
  let carried: Uint8Array = held.subarray(Math.max(0, held.length - overlap))
  let at = -carried.length
  for await (const chunk of tail.open()) {
    const piece = concatBytes([carried, chunk])
    const found = firstOf(piece, delimiters)
    if (found >= 0) return at + found
    const kept = Math.min(piece.length, overlap)
    at += piece.length - kept
    carried = kept === 0 ? emptyBytes : piece.slice(-kept)
  }
  return tail.sizeBytes
}

function firstOf(bytes: Uint8Array, delimiters: readonly Uint8Array[]): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const found = delimiters.map(delimiter => buffer.indexOf(delimiter)).filter(index => index >= 0)
  return found.length === 0 ? -1 : Math.min(...found)
}
