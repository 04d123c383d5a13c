/** Content-Transfer-Encoding undone. RFC 2045 §6. Never throws: what is no code is skipped (base64) or kept (quoted-printable). */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { hexPair } from './hex-pair.ts'

const equals = 61
const lineFeed = 10
const carriageReturn = 13

/** The content of a body; encodings that are not known, and 7bit, 8bit and binary, are the bytes themselves. */
export function decodeTransfer(body: Uint8Array, encoding: string): Uint8Array {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return decodeBase64(body)
    case 'quoted-printable':
      return decodeQuotedPrintable(body)
    default:
      return body
  }
}

export function decodeBase64(body: Uint8Array): Uint8Array {
  const decoder = new Base64Decoder()
  const whole = decoder.push(body)
  const rest = decoder.end()
  return rest.length === 0 ? whole : concatBytes([whole, rest])
}

/** Chunk by chunk. Padding in the middle ends a group and starts the next: some senders join encoded pieces. */
export class Base64Decoder {
  #bits = 0
  #have = 0

  push(chunk: Uint8Array): Uint8Array {
    const out = new Uint8Array(Math.ceil((chunk.length * 3) / 4) + 3)
    let length = 0
    let bits = this.#bits
    let have = this.#have
    for (const byte of chunk) {
      const value = base64Values[byte] ?? 255
      if (value < 64) {
        bits = ((bits << 6) | value) & 0xffffff
        have++
        if (have < 4) continue
        out[length++] = bits >> 16
        out[length++] = (bits >> 8) & 255
        out[length++] = bits & 255
        have = 0
      } else if (value === padding && have > 0) {
        length += partOfGroup(bits, have, out, length)
        have = 0
      }
    }
    this.#bits = bits
    this.#have = have
    return out.subarray(0, length)
  }

  /** What a body gives that breaks off. */
  end(): Uint8Array {
    const out = new Uint8Array(2)
    const length = partOfGroup(this.#bits, this.#have, out, 0)
    this.#have = 0
    return out.subarray(0, length)
  }
}

/** Octets of a group of fewer than four characters. */
function partOfGroup(bits: number, have: number, out: Uint8Array, at: number): number {
  if (have < 2) return 0
  out[at] = have === 2 ? (bits >> 4) & 255 : (bits >> 10) & 255
  if (have === 2) return 1
  out[at + 1] = (bits >> 2) & 255
  return 2
}

/** Soft breaks removed, blanks at line ends removed (§6.7 rule 3); an `=` that is no code stays. */
export function decodeQuotedPrintable(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length)
  let length = 0
  let blanksFrom = -1
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0
    if (byte === equals) {
      const code = hexPair(body, at + 1)
      const skip = code >= 0 ? 2 : softBreakLength(body, at + 1)
      blanksFrom = -1
      if (code >= 0) out[length++] = code
      else if (skip < 0) out[length++] = byte
      at += Math.max(skip, 0)
      continue
    }
    const isLineEnd = byte === lineFeed || (byte === carriageReturn && body[at + 1] === lineFeed)
    if (isLineEnd && blanksFrom >= 0) length = blanksFrom
    if (byte === 32 || byte === 9) blanksFrom = blanksFrom < 0 ? length : blanksFrom
    else blanksFrom = -1
    out[length++] = byte
  }
  return out.subarray(0, blanksFrom >= 0 ? blanksFrom : length)
}

/** Octets of blanks and a line end (or the end of the body) after `=`; -1 when there is none. Few blanks are looked at. */
function softBreakLength(body: Uint8Array, from: number): number {
  let at = from
  while (at < from + 80 && (body[at] === 32 || body[at] === 9)) at++
  if (at >= body.length) return at - from
  if (body[at] === carriageReturn && body[at + 1] === lineFeed) return at + 2 - from
  return body[at] === lineFeed ? at + 1 - from : -1
}

const padding = 64
const base64Values = new Uint8Array(256).fill(255)
const alphabet = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
alphabet.forEach((byte, value) => {
  base64Values[byte] = value
})
base64Values[equals] = padding
