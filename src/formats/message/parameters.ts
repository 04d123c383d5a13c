/** Parameters decoded for people: RFC 2231 pieces joined, and encoded words where senders put them (RFC 2047 forbids, all do). */
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import { decodeText } from '#formats/charset/decode.ts'
import type { Parameter } from './content.ts'
import { decodeWords } from './encoded-word.ts'
import { hexPair } from './hex-pair.ts'

type Piece = { readonly index: number; readonly encoded: boolean; readonly value: Uint8Array }
type Pieces = { readonly plain: Parameter[]; readonly extended: Map<string, Piece[]> }

/**
 * Name (lower case, without `*`) to text. Where a parameter stands in both forms, RFC 2231's wins (RFC 6266 §4.3 says so of the
 * one field, and senders mean it everywhere).
 */
export function decodeParameters(parameters: readonly Parameter[]): Map<string, string> {
  const { plain, extended } = piecesOf(parameters)
  const decoded = new Map<string, string>()
  for (const { name, value } of plain) if (!decoded.has(name)) decoded.set(name, decodeWords(value))
  for (const [name, pieces] of extended) decoded.set(name, joinPieces(pieces))
  return decoded
}

/**
 * Continuations joined, nothing decoded: `name*0*=utf-8''%41; name*1=b` becomes `name*=utf-8''%41b`. What RFC 2231 §6 asks of
 * IMAP servers for BODYSTRUCTURE.
 */
export function joinContinuations(parameters: readonly Parameter[]): readonly Parameter[] {
  if (!parameters.some(({ name }) => continuation.test(name))) return parameters
  const { plain, extended } = piecesOf(parameters)
  const joined = [...extended].map(([name, pieces]) => {
    if (!pieces.some(piece => piece.encoded)) return { name, value: concatBytes(pieces.map(piece => piece.value)) }
    const values = pieces.map(piece => (piece.encoded ? piece.value : percentEncoded(piece.value)))
    // the charset stands in the first piece; without it a reader of `name*=` would not find the text (RFC 2231 §4)
    const charset = pieces[0]?.encoded ? [] : [utf8("''")]
    return { name: `${name}*`, value: concatBytes([...charset, ...values]) }
  })
  return [...plain, ...joined]
}

const continuation = /\*\d{1,3}\*?$/

/** Extended ones by name, pieces in the order of their numbers. */
function piecesOf(parameters: readonly Parameter[]): Pieces {
  const plain: Parameter[] = []
  const extended = new Map<string, Piece[]>()
  for (const parameter of parameters) {
    const [, base, index, star] = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(parameter.name) ?? []
    if (base === undefined) {
      plain.push(parameter)
      continue
    }
    const encoded = index === undefined || star !== undefined
    const piece = { index: Number(index ?? 0), encoded, value: parameter.value }
    const pieces = extended.get(base)
    if (pieces) pieces.push(piece)
    else extended.set(base, [piece])
  }
  for (const pieces of extended.values()) pieces.sort((left, right) => left.index - right.index)
  return { plain, extended }
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
  let charset: string | undefined
  const bytes = pieces.map((piece, index) => {
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

/** RFC 2231 §7 attribute-char stays, the rest becomes `%XX`. */
function percentEncoded(value: Uint8Array): Uint8Array {
  let text = ''
  for (const byte of value) {
    const character = String.fromCharCode(byte)
    text += /[A-Za-z0-9!#$&+.^_`{|}~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return utf8(text)
}
