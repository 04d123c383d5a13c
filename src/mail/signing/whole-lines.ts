/**
 * A bare CR or LF never leaves: another server might take it for a line end and find the end of the message there (smuggling). It is made
 * CRLF before the message is signed, so that what was signed is what is sent. RFC 5321 §2.3.8
 */
import { concatBytes } from '#base/bytes.ts'
import type { BodyKind } from '#formats/envelope.ts'
import { inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'

const cr = 13
const lf = 10
const crlf = Buffer.from('\r\n')

/** The source itself when its lines are whole, or when its octets are no lines (BINARYMIME). */
export async function withWholeLines(source: MessageSource, body: BodyKind): Promise<MessageSource> {
  if (body === 'BINARYMIME') return source
  let extraBytes = 0
  let broken = false
  for await (const chunk of mended(source)) {
    extraBytes += chunk.length
    if (chunk === crlf) broken = true
  }
  if (!broken) return source
  const sizeBytes = extraBytes
  if (sizeBytes > inMemoryLimitBytes) return { sizeBytes, place: { kind: 'stream' }, open: () => mended(source) }
  const chunks: Uint8Array[] = []
  for await (const chunk of mended(source)) chunks.push(chunk)
  return memorySource(concatBytes(chunks))
}

/** Views of the source's chunks, with `crlf` itself where a bare CR or LF stood. */
async function* mended(source: MessageSource): AsyncGenerator<Uint8Array> {
  let afterCr = false
  for await (const bytes of source.open()) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    let start = 0
    let at = 0
    if (afterCr && chunk.length > 0) {
      afterCr = false
      if (chunk[0] === lf) {
        // whole after all, cut by the chunks
        yield wholeEnd
        start = at = 1
      } else yield crlf
    }
    for (;;) {
      const end = nextEnd(chunk, at)
      if (end < 0) break
      if (chunk[end] === cr && end + 1 === chunk.length) {
        yield chunk.subarray(start, end)
        afterCr = true
        start = end + 1
        break
      }
      if (chunk[end] === cr && chunk[end + 1] === lf) {
        at = end + 2
        continue
      }
      yield chunk.subarray(start, end)
      yield crlf
      start = at = end + 1
    }
    if (start < chunk.length) yield chunk.subarray(start)
  }
  if (afterCr) yield crlf
}

const wholeEnd = Buffer.from('\r\n')

/** The first CR or LF from here on. */
function nextEnd(chunk: Buffer, from: number): number {
  const lineEnd = chunk.indexOf(lf, from)
  const first = chunk.indexOf(cr, from)
  return first >= 0 && (lineEnd < 0 || first < lineEnd) ? first : lineEnd
}
