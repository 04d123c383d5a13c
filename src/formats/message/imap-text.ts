/** Writes IMAP's data items: atoms, quoted strings, literals, NIL. RFC 9051 §4 */
import { ownBytes } from '#base/bytes.ts'

const quotationMark = 34
const backslash = 92

export class ImapText {
  #buffer: Buffer
  #length = 0

  constructor(capacityBytes = 2048) {
    this.#buffer = Buffer.allocUnsafe(capacityBytes)
  }

  get length(): number {
    return this.#length
  }

  /** ASCII, as it is */
  raw(text: string): this {
    this.#reserve(text.length)
    this.#length += this.#buffer.write(text, this.#length, 'latin1')
    return this
  }

  number(value: number): this {
    return this.raw(String(value))
  }

  /** NIL, a quoted string, or a literal when a byte is not ASCII. NUL cannot be sent (§4.3) and becomes `?`. */
  nstring(bytes: Uint8Array | undefined): this {
    if (bytes === undefined) return this.raw('NIL')
    this.#reserve(bytes.length * 2 + 24)
    return isQuotable(bytes) ? this.#quoted(bytes) : this.#literal(bytes)
  }

  /** A quoted string; what cannot stand in one (controls, NUL among them, and 8-bit octets) becomes `?`. */
  quoted(written: string): this {
    const text = /[^ -~]/.test(written) ? written.replaceAll(/[^ -~]/g, '?') : written
    return this.raw(/["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`)
  }

  /** The bytes from `start` on once more, from another text or this one */
  copyFrom(other: ImapText, start: number, end = other.#length): this {
    this.#reserve(end - start)
    other.#buffer.copy(this.#buffer, this.#length, start, end)
    this.#length += end - start
    return this
  }

  /** Own memory, fit for transfer to another thread */
  bytes(): Uint8Array<ArrayBuffer> {
    return ownBytes(this.#buffer.subarray(0, this.#length))
  }

  #quoted(bytes: Uint8Array): this {
    const out = this.#buffer
    let at = this.#length
    out[at++] = quotationMark
    for (const byte of bytes) {
      if (byte === quotationMark || byte === backslash) out[at++] = backslash
      out[at++] = byte
    }
    out[at++] = quotationMark
    this.#length = at
    return this
  }

  #literal(bytes: Uint8Array): this {
    this.raw(`{${bytes.length}}\r\n`)
    this.#buffer.set(bytes, this.#length)
    for (let at = this.#length; at < this.#length + bytes.length; at++)
      if (this.#buffer[at] === 0) this.#buffer[at] = 63
    this.#length += bytes.length
    return this
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

/** All TEXT-CHAR of a quoted string: no line ends, no NUL, no bytes over 0x7f */
function isQuotable(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > 126 || byte === 0 || byte === 10 || byte === 13) return false
  return true
}
