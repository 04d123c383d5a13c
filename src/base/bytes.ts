const utf8Encoder = new TextEncoder()

export const emptyBytes = new Uint8Array(0)

export function utf8(text: string): Uint8Array {
  return utf8Encoder.encode(text)
}

/** Text of a wire line whose bytes are known to be ASCII, or are only to be shown: bytes over 0x7f become U+0080…U+00FF. */
export function asciiText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** Memory of its own with anything in it: for who fills all of it. */
export function unfilledBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0]
  let length = 0
  for (const part of parts) length += part.length
  const whole = unfilledBytes(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Returns how many. Out of shared memory and into it `set` goes word by word, up to ten times as slow; so does `copy` of a whole buffer. */
export function copyBytes(from: Uint8Array, to: Uint8Array, at: number): number {
  const { length } = from
  if (!isShared(from) && !isShared(to)) to.set(from, at)
  else {
    const half = length >> 1
    const source = bufferOf(from)
    const target = bufferOf(to)
    source.copy(target, at, 0, half)
    source.copy(target, at + half, half)
  }
  return length
}

function isShared({ buffer }: Uint8Array): boolean {
  return buffer instanceof SharedArrayBuffer
}

/** The same memory. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Gives memory of its own back at once, not at the next collection: what is read next comes into the same. Nobody may look at it any more. */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes
  if (bytes.length > 0 && buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) buffer.transfer(0)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/** A copy in memory of its own, fit to be transferred to another thread (never a slice of Node's pool). */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = unfilledBytes(bytes.length)
  copy.set(bytes)
  return copy
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
