/**
 * A file's octets to content lines: folded lines put together (RFC 6350 §3.2), the soft line breaks of quoted-printable and the unindented
 * BASE64 of vCard 2.1 too. CRLF or LF ends a line. Nothing is decoded yet: a fold may stand within a character.
 */
import { joinBytes } from '../join-bytes.ts'
import { maxLineOctets } from './limits.ts'

export type ContentLine = {
  /** Its first line in the file, from 1 */
  readonly line: number
  readonly octets: Uint8Array
  /** Longer than the limit: what is here is only its beginning */
  readonly isCut: boolean
}

const lf = 10
const cr = 13
const space = 32
const tab = 9
const equals = 61

type PhysicalLine = { readonly start: number; readonly end: number; readonly next: number }

export function* contentLines(file: Uint8Array): Generator<ContentLine> {
  let number = 1
  let at = 0
  while (at < file.length) {
    const first = physicalLine(file, at)
    const line = number
    const pieces = [file.subarray(first.start, first.end)]
    let size = first.end - first.start
    const encoding = encodingOf(file, first)
    at = first.next
    number++
    while (at < file.length) {
      const next = physicalLine(file, at)
      const from = continuation(file, next, pieces.at(-1), encoding)
      if (from === undefined) break
      if (encoding === 'quoted-printable' && endsSoftly(pieces.at(-1)))
        pieces[pieces.length - 1] = (pieces.at(-1) as Uint8Array).subarray(0, -1)
      if (size <= maxLineOctets) pieces.push(file.subarray(from, next.end))
      size += next.end - from
      at = next.next
      number++
    }
    if (size > 0) yield { line, octets: joinBytes(pieces).subarray(0, maxLineOctets), isCut: size > maxLineOctets }
  }
}

function physicalLine(file: Uint8Array, start: number): PhysicalLine {
  const found = file.indexOf(lf, start)
  const next = found < 0 ? file.length : found + 1
  let end = found < 0 ? file.length : found
  while (end > start && file[end - 1] === cr) end--
  return { start, end, next }
}

/** Where the rest of a content line begins on this line; undefined: it is another one. */
function continuation(
  file: Uint8Array,
  { start, end }: PhysicalLine,
  before: Uint8Array | undefined,
  encoding: Encoding,
): number | undefined {
  if (encoding === 'quoted-printable' && endsSoftly(before)) return start
  if (end > start && (file[start] === space || file[start] === tab)) return start + 1
  if (encoding === 'base64' && end > start && isBase64(file, start, end)) return start
  return undefined
}

type Encoding = 'quoted-printable' | 'base64' | undefined

/** By the parameters: nothing before the first colon is long. */
function encodingOf(file: Uint8Array, { start, end }: PhysicalLine): Encoding {
  const head = file.subarray(start, Math.min(end, start + 500))
  const colon = head.indexOf(58)
  if (!head.subarray(0, colon + 1).includes(59)) return undefined
  const parameters = String.fromCharCode(...head.subarray(0, colon + 1))
  if (/;(?:ENCODING=)?"?QUOTED-PRINTABLE/i.test(parameters)) return 'quoted-printable'
  return /;(?:ENCODING=)?"?(?:BASE64|B)[";:]/i.test(parameters) ? 'base64' : undefined
}

function endsSoftly(octets: Uint8Array | undefined): boolean {
  return octets?.at(-1) === equals
}

/** Nothing but signs of BASE64, and not the beginning of a property. */
function isBase64(file: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const octet = file[at] ?? 0
    const isSign =
      (octet >= 47 && octet <= 57) ||
      (octet >= 65 && octet <= 90) ||
      (octet >= 97 && octet <= 122) ||
      octet === 43 ||
      octet === equals
    if (!isSign) return false
  }
  return true
}
