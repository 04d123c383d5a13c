/** The pieces of a new letter, read through as one message. */
import { concatBytes, emptyBytes, utf8 } from '#base/bytes.ts'
import { type MessageSource, memorySource } from '#formats/message-source.ts'
import type { Blob } from '../../blob/open-blob.ts'
import type { PartBlob, Piece } from './letter.ts'
import { base64Lines, lineOctets } from './text.ts'

export function letterSource(pieces: readonly Piece[], blobs: ReadonlyMap<string, Blob>): MessageSource {
  const [first] = pieces
  if (pieces.length === 1 && first?.kind === 'text') return memorySource(first.bytes)
  return {
    sizeBytes: pieces.reduce((sum, piece) => sum + (piece.kind === 'text' ? piece.bytes.length : piece.sizeBytes), 0),
    place: { kind: 'stream' },
    async *open() {
      for (const piece of pieces) {
        if (piece.kind === 'text') {
          yield piece.bytes
          continue
        }
        const octets = blobs.get(piece.blobId)?.open()
        if (!octets) throw new Error(`The blob ${piece.blobId} was not opened`)
        yield* piece.encoding === 'base64' ? inBase64(octets) : octets
      }
    },
  }
}

async function* inBase64(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = emptyBytes
  for await (const chunk of octets) {
    const bytes = rest.length === 0 ? chunk : concatBytes([rest, chunk])
    const whole = bytes.length - (bytes.length % lineOctets)
    if (whole > 0) yield utf8(base64Lines(bytes.subarray(0, whole)))
    rest = bytes.slice(whole)
  }
  if (rest.length > 0) yield utf8(base64Lines(rest))
}

/** RFC 5322 §2.1.1 */
const maxLineOctets = 998

/** Whether a message may stand in another as it is: line ends as they should be, no NUL, no line too long. RFC 2045 §2.7, §2.8 */
export async function linesOf(octets: AsyncIterable<Uint8Array>): Promise<PartBlob['lines']> {
  let column = 0
  let isEightBit = false
  let before = 0
  for await (const chunk of octets)
    for (const octet of chunk) {
      const isLineEnd = before === 13 && octet === 10
      if (octet === 0 || (before === 13) !== (octet === 10) || column > maxLineOctets) return undefined
      if (octet > 127) isEightBit = true
      column = isLineEnd || octet === 13 ? 0 : column + 1
      before = octet
    }
  if (before === 13) return undefined
  return isEightBit ? '8bit' : '7bit'
}
