/** A message wherever it lies, read synchronously: whole in memory, or a file read with fs.readSync in a worker. */
export type ByteReader = {
  readonly sizeBytes: number
  /** Fewer than `length` only at the end. Each result is memory of its own, or part of what never changes. */
  read(offset: number, length: number): Uint8Array
  /** All bytes, when they are in memory anyway: then nothing is copied. */
  readonly whole?: Uint8Array
}

export function readerOf(bytes: Uint8Array): ByteReader {
  return {
    sizeBytes: bytes.length,
    whole: bytes,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  }
}
