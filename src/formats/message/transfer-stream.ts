/** Content-Transfer-Encoding undone chunk by chunk, for bodies that need not be in memory. RFC 2045 §6 */
import { concatBytes, emptyBytes } from '#base/bytes.ts'
import { hexPair } from './hex-pair.ts'
import { Base64Decoder, decodeQuotedPrintable } from './transfer.ts'

export type TransferDecoder = {
  /** What can be told so far; no memory of `chunk` is kept. */
  push(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
}

/** Undefined for an encoding that nobody knows. */
export function transferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding.toLowerCase()) {
    case '7bit':
    case '8bit':
    case 'binary':
      return { push: chunk => chunk, end: () => emptyBytes }
    case 'base64':
      return new Base64Decoder()
    case 'quoted-printable':
      return new QuotedPrintableDecoder()
    default:
      return undefined
  }
}

/** What is held back for what may follow it. A line longer than this is cut somewhere; no encoder makes one of over 76. */
const heldLimitBytes = 64 * 1024

/** Decodes up to a place where what follows changes nothing of what is before. */
class QuotedPrintableDecoder {
  #held: Uint8Array = emptyBytes

  push(chunk: Uint8Array): Uint8Array {
    const bytes = concatBytes([this.#held, chunk])
    const cut = safeCut(bytes)
    this.#held = bytes.slice(cut)
    return decodeQuotedPrintable(bytes.subarray(0, cut))
  }

  end(): Uint8Array {
    const rest = decodeQuotedPrintable(this.#held)
    this.#held = emptyBytes
    return rest
  }
}

const lineFeed = 10
const equals = 61

/** After the last line end, else after the last whole code, as far as that stands near the end. */
function safeCut(bytes: Uint8Array): number {
  const line = bytes.lastIndexOf(lineFeed)
  if (line >= 0) return line + 1
  if (bytes.length < heldLimitBytes) return 0
  for (let at = bytes.length; at > bytes.length - 1024; at--)
    if (bytes[at - 3] === equals && hexPair(bytes, at - 2) >= 0) return at
  return bytes.length
}
