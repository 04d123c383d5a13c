/** A stored message for the synchronous parsers: in memory, or a file read window by window. */
import { closeSync, openSync, readSync } from 'node:fs'
import { readerOf, type ByteReader } from '#formats/message/byte-reader.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { wholeBytes } from './message-bytes.ts'

/** `use` must not keep the reader. */
export async function withReader<Result>(source: MessageSource, use: (reader: ByteReader) => Result): Promise<Result> {
  const { place } = source
  if (place.kind === 'memory') return use(readerOf(place.bytes))
  if (place.kind === 'stream') return use(readerOf(await wholeBytes(source, 0, source.sizeBytes)))
  const file = openSync(place.path, 'r')
  try {
    return use(fileReader(file, place.offset, source.sizeBytes))
  } finally {
    closeSync(file)
  }
}

function fileReader(file: number, offset: number, sizeBytes: number): ByteReader {
  return {
    sizeBytes,
    read(start, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - start)))
      let done = 0
      while (done < bytes.length) {
        const count = readSync(file, bytes, done, bytes.length - done, offset + start + done)
        if (count === 0) break
        done += count
      }
      return bytes.subarray(0, done)
    },
  }
}
