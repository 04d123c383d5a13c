/** Header text for people: RFC 2047 encoded words, raw 8-bit text, and the mistakes that are common in both. */
import { asciiText, concatBytes } from '#base/bytes.ts'
import { decodeText, decodeUnlabelled } from '#formats/charset/decode.ts'
import { hexPair } from './hex-pair.ts'
import { decodeBase64 } from './transfer.ts'

type Piece = { readonly charset: string; readonly bytes: Uint8Array }

const question = 63
const equals = 61
/** Longest `charset*language` that is looked for */
const maxCharsetBytes = 80

/**
 * Decodes an unfolded value. Neighbouring words of one charset are joined before decoding: some senders split characters over
 * two words (against RFC 2047 §5). Blanks between words vanish (§6.2). Words inside quotes count too: senders put them there.
 * `plain` reads what is no encoded word.
 */
export function decodeWords(value: Uint8Array, plain: (bytes: Uint8Array) => string = decodeUnlabelled): string {
  if (value.indexOf(equals) < 0) return plain(value)
  let text = ''
  let plainFrom = 0
  let at = 0
  let pieces: Piece[] = []
  while (at < value.length) {
    at = indexOfWord(value, at)
    if (at < 0) break
    const word = readWord(value, at)
    if (word === 'none-closes') break
    if (!word) {
      at += 2
      continue
    }
    if (pieces.length === 0 || !isBlank(value, plainFrom, at)) {
      text += decodePieces(pieces) + plain(value.subarray(plainFrom, at))
      pieces = []
    }
    pieces.push(word)
    at = word.end
    plainFrom = at
  }
  return text + decodePieces(pieces) + plain(value.subarray(plainFrom))
}

function decodePieces(pieces: readonly Piece[]): string {
  let text = ''
  for (let first = 0; first < pieces.length; ) {
    const charset = pieces[first]?.charset ?? ''
    let last = first + 1
    while (last < pieces.length && pieces[last]?.charset === charset) last++
    text += decodeText(concatBytes(pieces.slice(first, last).map(piece => piece.bytes)), charset)
    first = last
  }
  return text
}

function indexOfWord(value: Uint8Array, from: number): number {
  let at = value.indexOf(equals, from)
  while (at >= 0 && value[at + 1] !== question) at = value.indexOf(equals, at + 1)
  return at
}

/** `=?charset*language?B|Q?text?=`. Blanks inside the text are a mistake that is read all the same. */
function readWord(value: Uint8Array, start: number): (Piece & { end: number }) | 'none-closes' | undefined {
  const charsetEnd = endOfCharset(value, start + 2)
  if (charsetEnd < 0 || value[charsetEnd + 2] !== question) return undefined
  const encoding = (value[charsetEnd + 1] ?? 0) | 32
  if (encoding !== 0x62 && encoding !== 0x71) return undefined
  const from = charsetEnd + 3
  const to = indexOfClose(value, from)
  if (to < 0) return 'none-closes'
  const label = asciiText(value.subarray(start + 2, charsetEnd))
  const content = value.subarray(from, to)
  const bytes = encoding === 0x62 && !isSurelyQ(content) ? decodeBase64(content) : decodeQ(content)
  return { charset: (label.split('*')[0] ?? '').toLowerCase(), bytes, end: to + 2 }
}

function endOfCharset(value: Uint8Array, from: number): number {
  const limit = Math.min(value.length, from + maxCharsetBytes)
  for (let at = from; at < limit; at++) {
    const byte = value[at] ?? 0
    if (byte === question) return at > from ? at : -1
    if (byte <= 32 || byte > 126) return -1
  }
  return -1
}

function indexOfClose(value: Uint8Array, from: number): number {
  let at = value.indexOf(question, from)
  while (at >= 0 && value[at + 1] !== equals) at = value.indexOf(question, at + 1)
  return at
}

/** `=E4=BC=9A` under B: `=` stands in base64 at its end only, or where pieces were joined, and then mostly twice. */
function isSurelyQ(content: Uint8Array): boolean {
  const at = indexOfCode(content)
  return at >= 0 && indexOfCode(content, at + 3) >= 0
}

function indexOfCode(content: Uint8Array, from = 0): number {
  let at = content.indexOf(equals, from)
  while (at >= 0 && (content[at - 1] === equals || hexPair(content, at + 1) < 0)) at = content.indexOf(equals, at + 1)
  return at
}

function decodeQ(content: Uint8Array): Uint8Array {
  const out = new Uint8Array(content.length)
  let length = 0
  for (let at = 0; at < content.length; at++) {
    const byte = content[at] ?? 0
    const code = byte === equals ? hexPair(content, at + 1) : -1
    if (code >= 0) at += 2
    out[length++] = code >= 0 ? code : byte === 0x5f ? 32 : byte
  }
  return out.subarray(0, length)
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13) return false
  }
  return true
}
