/** New message sources out of an old one: its head, its tail, or what remains when some fields of the header are cut out. */
import { createReadStream } from 'node:fs'
import { concatBytes } from '#base/bytes.ts'
import type { ByteRange } from '#formats/message/parts.ts'
import { inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'

const readChunkBytes = 64 * 1024

/** The first octets, at most `limitBytes`. */
export async function readHead(source: MessageSource, limitBytes: number): Promise<Uint8Array> {
  if (source.place.kind === 'memory') return source.place.bytes.subarray(0, limitBytes)
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of source.open()) {
    parts.push(chunk)
    length += chunk.length
    if (length >= limitBytes) break
  }
  return concatBytes(parts).subarray(0, limitBytes)
}

/** Everything from octet `from` on; nothing is copied. */
export function tailOf(source: MessageSource, from: number): MessageSource {
  if (from === 0) return source
  const { place } = source
  const sizeBytes = source.sizeBytes - from
  switch (place.kind) {
    case 'memory':
      return memorySource(place.bytes.subarray(from))
    case 'stream':
      return { sizeBytes, place, open: () => keptPieces(source, [{ offset: 0, length: from }]) }
    case 'file': {
      const offset = place.offset + from
      return { sizeBytes, place: { ...place, offset }, open: () => readRange(place.path, offset, sizeBytes) }
    }
    default:
      return place satisfies never
  }
}

/** The source without these ranges (ascending, apart). Small ones are gathered in memory, larger ones cut while they are read. */
export async function withoutRanges(source: MessageSource, ranges: readonly ByteRange[]): Promise<MessageSource> {
  const first = ranges[0]
  if (!first) return source
  if (first.offset === 0 && ranges.length === 1) return tailOf(source, first.length)
  const sizeBytes = source.sizeBytes - ranges.reduce((sum, range) => sum + range.length, 0)
  if (source.sizeBytes > inMemoryLimitBytes && source.place.kind !== 'memory')
    return { sizeBytes, place: { kind: 'stream' }, open: () => keptPieces(source, ranges) }
  const kept: Uint8Array[] = []
  for await (const piece of keptPieces(source, ranges)) kept.push(piece)
  return memorySource(concatBytes(kept))
}

async function* keptPieces(source: MessageSource, ranges: readonly ByteRange[]): AsyncGenerator<Uint8Array> {
  let at = 0
  let next = 0
  for await (const chunk of source.open()) {
    const end = at + chunk.length
    let from = at
    for (let range = ranges[next]; range && range.offset < end; range = ranges[next]) {
      if (range.offset > from) yield chunk.subarray(from - at, range.offset - at)
      const rangeEnd = range.offset + range.length
      from = Math.max(from, Math.min(rangeEnd, end))
      if (rangeEnd > end) break
      next++
    }
    if (from < end) yield chunk.subarray(from - at)
    at = end
  }
}

async function* readRange(path: string, offset: number, sizeBytes: number): AsyncGenerator<Uint8Array> {
  if (sizeBytes === 0) return
  const options = { start: offset, end: offset + sizeBytes - 1, highWaterMark: readChunkBytes }
  for await (const chunk of createReadStream(path, options)) yield chunk as Uint8Array
}
