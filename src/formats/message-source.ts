import { concatBytes } from '#base/bytes.ts'

/**
 * The bytes of one message (header and body, CRLF line ends, no dot-stuffing), wherever they lie.
 * Never wholly in memory above `inMemoryLimitBytes`: larger ones are a file.
 */
export type MessageSource = {
  readonly sizeBytes: number
  /** Chunks in order, at most 64 KiB each when read from a file. May be called again, also at the same time. */
  open(): AsyncIterable<Uint8Array>
  /** Where the bytes are, for those who can do better than reading them through (hand to another thread, link the file). */
  readonly place: MessagePlace
}

export type MessagePlace =
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly offset: number }
  /** Only `open()` can read them (an encrypted spool file, a message of several parts) */
  | { readonly kind: 'stream' }

/** Hands out the chunks in order; what lies in memory costs no iterator. */
export async function eachChunk(
  source: MessageSource,
  take: (chunk: Uint8Array) => Promise<void> | void,
): Promise<void> {
  if (source.place.kind === 'memory') return take(source.place.bytes)
  for await (const chunk of source.open()) await take(chunk)
}

export const inMemoryLimitBytes = 1024 * 1024

/** `before`, then the message; copied together when both are small and in memory. */
export function joinSources(before: Uint8Array, message: MessageSource): MessageSource {
  if (before.length === 0) return message
  const sizeBytes = before.length + message.sizeBytes
  if (message.place.kind === 'memory' && sizeBytes <= inMemoryLimitBytes)
    return memorySource(concatBytes([before, message.place.bytes]))
  return {
    sizeBytes,
    place: { kind: 'stream' },
    async *open() {
      yield before
      yield* message.open()
    },
  }
}

export function memorySource(bytes: Uint8Array): MessageSource {
  return {
    sizeBytes: bytes.length,
    place: { kind: 'memory', bytes },
    async *open() {
      yield bytes
    },
  }
}
