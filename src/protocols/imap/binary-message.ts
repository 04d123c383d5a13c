/** Messages with NUL, which only a literal8 brings (RFC 3516 §4.4): kept in base64, so that every client can read them. */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { Base64Encoder, base64Length, encodedPieces, NulFinder, type Piece } from '#formats/message/encode-binary.ts'
import { parseStructure, type Part } from '#formats/message/structure.ts'
import { eachChunk, inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'
import { binaryInMemoryBytes } from './limits.ts'
import { messageBytes } from '#mail/message-bytes.ts'
import { withReader } from '#mail/message-reader.ts'
import { no, Refused } from './reply.ts'

/** Throws UNKNOWN-CTE where a NUL cannot be encoded. */
export async function withoutNul(source: MessageSource): Promise<MessageSource> {
  let hasNul = false
  await eachChunk(source, chunk => {
    hasNul ||= chunk.includes(0)
  })
  if (!hasNul) return source
  if (source.place.kind === 'stream' && source.sizeBytes > binaryInMemoryBytes)
    throw new Refused(no('LIMIT', 'This is too large to be encoded'))
  const root = await withReader(source, reader => parseStructure(reader).root)
  const parts = await partsWithNul(source, root)
  if (!parts) throw new Refused(no('UNKNOWN-CTE', 'A NUL octet stands where it cannot be encoded'))
  const pieces = await withReader(source, reader => encodedPieces(parts, reader))
  return await fromPieces(pieces, source)
}

async function partsWithNul(source: MessageSource, root: Part): Promise<readonly Part[] | undefined> {
  const finder = new NulFinder(root)
  await eachChunk(source, chunk => finder.push(chunk))
  return finder.found
}

async function fromPieces(pieces: readonly Piece[], old: MessageSource): Promise<MessageSource> {
  const sizeBytes = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0)
  const open = () => octetsOf(pieces, old)
  if (sizeBytes > inMemoryLimitBytes) return { sizeBytes, place: { kind: 'stream' }, open }
  const chunks: Uint8Array[] = []
  for await (const chunk of open()) chunks.push(chunk)
  return memorySource(concatBytes(chunks))
}

function sizeOf(piece: Piece): number {
  if (piece.kind === 'text') return piece.bytes.length
  return piece.kind === 'copy' ? piece.end - piece.start : base64Length(piece.end - piece.start)
}

async function* octetsOf(pieces: readonly Piece[], old: MessageSource): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece.kind === 'text') yield piece.bytes
    else if (piece.kind === 'copy') yield* messageBytes(old, piece.start, piece.end)
    else {
      const encoder = new Base64Encoder()
      for await (const chunk of messageBytes(old, piece.start, piece.end)) yield utf8(encoder.push(chunk))
      yield utf8(encoder.end())
    }
  }
}
