/** Parameters decoded for people: RFC 2231 pieces joined, and encoded words where senders put them (RFC 2047 forbids, all do). */
import { asciiText, concatBytes } from '#base/bytes.ts'
import { decodeText } from '#formats/charset/decode.ts'
import type { Parameter } from './content.ts'
import { decodeWords, hexPair } from './encoded-word.ts'

type Piece = { readonly index: number; readonly encoded: boolean; readonly value: Uint8Array }

/**
 * Name (lower case, without `*`) to text. Where a parameter stands in both forms, RFC 2231's wins (RFC 6266 §4.3 says so of the
 * one field, and senders mean it everywhere).
 */
export function decodeParameters(parameters: readonly Parameter[]): Map<string, string> {
  const plain = new Map<string, string>()
  const extended = new Map<string, Piece[]>()
  for (const { name, value } of parameters) {
    const parts = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name)
    if (!parts) {
      if (!plain.has(name)) plain.set(name, decodeWords(value))
      continue
    }
    const [, base = '', index, star] = parts
    const piece = { index: Number(index ?? 0), encoded: index === undefined || star !== undefined, value }
    const pieces = extended.get(base)
    if (pieces) pieces.push(piece)
    else extended.set(base, [piece])
  }
  for (const [name, pieces] of extended) plain.set(name, joinPieces(pieces))
  return plain
}

/** File name of a part, by Content-Disposition or, where that has none, by the `name` of Content-Type; undefined without. */
export function fileName(
  disposition: readonly Parameter[] | undefined,
  contentType: readonly Parameter[] | undefined,
): string | undefined {
  return decodeParameters(disposition ?? []).get('filename') ?? decodeParameters(contentType ?? []).get('name')
}

/** RFC 2231 §3, §4: pieces by number, whatever their order; the charset stands in the first. Bytes are joined before decoding. */
function joinPieces(pieces: readonly Piece[]): string {
  const sorted = pieces.toSorted((left, right) => left.index - right.index)
  let charset: string | undefined
  const bytes = sorted.map((piece, index) => {
    if (!piece.encoded) return piece.value
    if (index > 0) return percentDecoded(piece.value)
    const { label, rest } = splitCharset(piece.value)
    charset = label
    return percentDecoded(rest)
  })
  const joined = concatBytes(bytes)
  // pieces without a charset hold what the plain form would: encoded words, cut anywhere
  return charset === undefined ? decodeWords(joined) : decodeText(joined, charset)
}

/** `charset'language'text`; some senders leave the quotes out. */
function splitCharset(value: Uint8Array): { label: string; rest: Uint8Array } {
  const first = value.indexOf(39)
  const second = first < 0 ? -1 : value.indexOf(39, first + 1)
  if (second < 0) return { label: '', rest: value }
  return { label: asciiText(value.subarray(0, first)), rest: value.subarray(second + 1) }
}

function percentDecoded(value: Uint8Array): Uint8Array {
  if (!value.includes(37)) return value
  const out = new Uint8Array(value.length)
  let length = 0
  for (let at = 0; at < value.length; at++) {
    const byte = value[at] ?? 0
    const code = byte === 37 ? hexPair(value, at + 1) : -1
    if (code >= 0) at += 2
    out[length++] = code >= 0 ? code : byte
  }
  return out.subarray(0, length)
}
