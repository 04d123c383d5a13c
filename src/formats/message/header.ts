/** A header as fields with offsets; nothing is copied, nothing is decoded. RFC 5322 §2.2 */
import { emptyBytes } from '#base/bytes.ts'
import { fieldName } from './field-name.ts'
import { maxFieldNameBytes, maxHeaderFields } from './limits.ts'

export type HeaderField = {
  /** As written */
  readonly name: string
  /** Lower case, for comparing */
  readonly key: string
  /** Offset of the name's first byte */
  readonly start: number
  /** After the colon */
  readonly valueStart: number
  /** Before the last line end */
  readonly valueEnd: number
  /** After the last line end */
  readonly end: number
}

const lineFeed = 10
const carriageReturn = 13
const space = 32
const tab = 9
const colon = 58

/**
 * The fields up to the empty line or the end of `bytes`. Lines that are no field (an mbox `From ` line, stray text) are
 * skipped together with what is folded under them. At most `limit` are read: those who look for a field in order to remove it
 * pass Infinity. With `only`, just the fields of these names (lower case) are made.
 */
export function parseHeader(bytes: Uint8Array, limit = maxHeaderFields, only?: readonly string[]): HeaderField[] {
  const fields: HeaderField[] = []
  let start = 0
  let seen = 0
  while (start < bytes.length && seen < limit) {
    if (isEmptyLine(bytes, start)) break
    const end = fieldEnd(bytes, start)
    const nameEnd = fieldNameEnd(bytes, start, end)
    if (nameEnd > start) {
      seen++
      if (!only || only.some(key => beginsWith(bytes, start, key))) fields.push(makeField(bytes, start, nameEnd, end))
    }
    start = end
  }
  return only ? fields.filter(field => only.includes(field.key)) : fields
}

function beginsWith(bytes: Uint8Array, start: number, key: string): boolean {
  for (let at = 0; at < key.length; at++) if (((bytes[start + at] ?? 0) | 0x20) !== key.charCodeAt(at)) return false
  return true
}

/** Octets of the header with its empty line; all of it when there is none. */
export function headerLength(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length) {
    if (isEmptyLine(bytes, at)) return at + (bytes[at] === lineFeed ? 1 : 2)
    at = afterLine(bytes, at)
  }
  return bytes.length
}

/** After the line end, or at the end. Its first octets by hand: a search for each of a hundred thousand short lines costs many times more. */
function afterLine(bytes: Uint8Array, from: number): number {
  const near = Math.min(from + 80, bytes.length)
  for (let at = from; at < near; at++) if (bytes[at] === lineFeed) return at + 1
  const feed = bytes.indexOf(lineFeed, near)
  return feed < 0 ? bytes.length : feed + 1
}

/** The value with line ends removed (RFC 5322 §2.2.3) and blanks trimmed off both ends. */
export function unfold(bytes: Uint8Array, field: HeaderField): Uint8Array {
  let { valueStart: from, valueEnd: to } = field
  while (from < to && isBlank(bytes[from])) from++
  while (to > from && isBlank(bytes[to - 1])) to--
  if (from === to) return emptyBytes
  const value = bytes.subarray(from, to)
  return value.includes(lineFeed) || value.includes(carriageReturn) ? withoutLineEnds(value) : value
}

/** First field of that name (lower case). */
export function findField(fields: readonly HeaderField[], key: string): HeaderField | undefined {
  return fields.find(field => field.key === key)
}

/** Unfolded value of the first field of that name (lower case). */
export function fieldValue(bytes: Uint8Array, fields: readonly HeaderField[], key: string): Uint8Array | undefined {
  const field = findField(fields, key)
  return field && unfold(bytes, field)
}

export function isEmptyLine(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]
  return byte === lineFeed || (byte === carriageReturn && bytes[at + 1] === lineFeed)
}

/** After the last line of the field that begins here: folded lines begin with a blank (RFC 5322 §2.2.3). */
function fieldEnd(bytes: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    at = afterLine(bytes, at)
    const next = bytes[at]
    if (next !== space && next !== tab) return at
  }
}

/**
 * Index of the colon, or -1 when what stands before it is no name. Blanks before the colon are obsolete and allowed (§4.5.8), however many,
 * and on folded lines too: readers that unfold first find a field there, and must not be the only ones.
 */
function fieldNameEnd(bytes: Uint8Array, start: number, end: number): number {
  let blank = false
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte === colon) return at > start ? at : -1
    if (isFoldingBlank(bytes, at)) blank = true
    else if (byte < 33 || byte > 126 || blank || at - start >= maxFieldNameBytes) return -1
  }
  return -1
}

/** Inside of a field: a blank, or the line end before one. */
export function isFoldingBlank(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]
  return byte === space || byte === tab || byte === lineFeed || (byte === carriageReturn && bytes[at + 1] === lineFeed)
}

function makeField(bytes: Uint8Array, start: number, colonAt: number, end: number): HeaderField {
  let nameEnd = colonAt
  while (nameEnd > start && isBlank(bytes[nameEnd - 1])) nameEnd--
  let valueEnd = end
  if (valueEnd > colonAt + 1 && bytes[valueEnd - 1] === lineFeed) valueEnd--
  if (valueEnd > colonAt + 1 && bytes[valueEnd - 1] === carriageReturn) valueEnd--
  const { name, key } = fieldName(bytes, start, nameEnd)
  return { name, key, start, valueStart: colonAt + 1, valueEnd, end }
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab || byte === lineFeed || byte === carriageReturn
}

function withoutLineEnds(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte !== lineFeed && byte !== carriageReturn) out[length++] = byte
  }
  return out.subarray(0, length)
}
