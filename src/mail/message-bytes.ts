/** Parts of a stored message by offset, without reading what lies before. */
import { open } from 'node:fs/promises'
import { concatBytes } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'

const chunkBytes = 64 * 1024

/** The octets from `start` to `end - 1`, in chunks. Throws when the message turns out shorter: the literal's size was promised. */
export async function* messageBytes(source: MessageSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (start >= end) return
  if (source.place.kind === 'memory') {
    yield source.place.bytes.subarray(start, end)
    return
  }
  if (start > chunkBytes && source.place.kind === 'file')
    yield* fileBytes(source.place.path, source.place.offset + start, end - start)
  else yield* skippedBytes(source, start, end)
}

async function* fileBytes(path: string, offset: number, length: number): AsyncGenerator<Uint8Array> {
  await using file = await open(path, 'r')
  for (let done = 0; done < length; ) {
    const chunk = new Uint8Array(Math.min(chunkBytes, length - done))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, offset + done)
    if (bytesRead === 0) throw new Error('The stored message is shorter than its row says')
    done += bytesRead
    yield chunk.subarray(0, bytesRead)
  }
}

async function* skippedBytes(source: MessageSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const chunk of source.open()) {
    const from = Math.max(0, start - at)
    const to = Math.min(chunk.length, end - at)
    if (from < to) yield chunk.subarray(from, to)
    at += chunk.length
    if (at >= end) return
  }
  throw new Error('The stored message is shorter than its row says')
}

/** The same in one piece; for headers and other parts whose size the caller has bounded. */
export async function wholeBytes(source: MessageSource, start: number, end: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of messageBytes(source, start, end)) chunks.push(chunk)
  return concatBytes(chunks)
}
