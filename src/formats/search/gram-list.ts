/**
 * A list of letters as octets, in the shortest of three forms: gaps between those that have the gram, one bit a letter, or gaps
 * between those that have it not. A list of one has a form of its own.
 */
import { type Cursor, maxVarintBytes, readVarint, writeVarint } from './varint.ts'

const single = 0
const gaps = 1
const bits = 2
const missing = 3

/** The most octets a list of `letters` among `of` can take. */
export function listBound(letters: number, of: number): number {
  return 3 * maxVarintBytes + Math.min(letters * 5, (of + 7) >> 3) + 5
}

/**
 * `letters` ascending and below `of`: those from `from` up to and without `to`. Writes at `at`, where `listBound` octets are free; where it ends.
 */
export function writeList(
  bytes: Uint8Array,
  at: number,
  letters: Uint32Array,
  of: number,
  from = 0,
  to = letters.length,
): number {
  const count = to - from
  if (count === 1) return writeVarint(bytes, writeVarint(bytes, at, 4 + single), letters[from] ?? 0)
  const bitBytes = (of + 7) >> 3
  const absent = of - count
  // a gap is at least one octet, and lists this dense have few that are longer
  if (absent < bitBytes / 2) return writeAbsent(bytes, at, letters, from, to, of)
  const length = gapBytes(letters, from, to)
  if (length <= bitBytes) return writeGaps(bytes, at, count * 4 + gaps, length, letters, from, to)
  at = writeVarint(bytes, at, count * 4 + bits)
  bytes.fill(0, at, at + bitBytes)
  for (let index = from; index < to; index++) {
    const letter = letters[index] ?? 0
    bytes[at + (letter >> 3)]! |= 1 << (letter & 7)
  }
  return at + bitBytes
}

function writeGaps(
  bytes: Uint8Array,
  at: number,
  head: number,
  length: number,
  letters: Uint32Array,
  from: number,
  to: number,
): number {
  at = writeVarint(bytes, at, head)
  at = writeVarint(bytes, at, length)
  let previous = -1
  for (let index = from; index < to; index++) {
    const letter = letters[index] ?? 0
    at = writeVarint(bytes, at, letter - previous - 1)
    previous = letter
  }
  return at
}

function gapBytes(letters: Uint32Array, from: number, to: number): number {
  let length = 0
  let previous = -1
  for (let index = from; index < to; index++) {
    const letter = letters[index] ?? 0
    const gap = letter - previous - 1
    length += gap < 128 ? 1 : gap < 16_384 ? 2 : gap < 2_097_152 ? 3 : gap < 268_435_456 ? 4 : 5
    previous = letter
  }
  return length
}

function writeAbsent(
  bytes: Uint8Array,
  at: number,
  letters: Uint32Array,
  from: number,
  to: number,
  of: number,
): number {
  const count = to - from
  const absent = new Uint32Array(of - count)
  let found = 0
  let letter = 0
  for (let index = from; index < to; index++) {
    const present = letters[index] ?? 0
    for (; letter < present; letter++) absent[found++] = letter
    letter = present + 1
  }
  for (; letter < of; letter++) absent[found++] = letter
  return writeGaps(bytes, at, count * 4 + missing, gapBytes(absent, 0, found), absent, 0, found)
}

/** How many letters the list at the cursor has; the cursor stays. */
export function listCount(cursor: Cursor): number {
  return Math.floor(readVarint({ bytes: cursor.bytes, at: cursor.at }) / 4)
}

/** Moves the cursor behind the list. */
export function skipList(cursor: Cursor, of: number): void {
  const head = readVarint(cursor)
  const form = head % 4
  if (form === single) readVarint(cursor)
  else if (form === bits) cursor.at += (of + 7) >> 3
  else {
    const length = readVarint(cursor)
    cursor.at += length
  }
}

/** Puts the letters into `into`, which has room for `of`; how many they are. Moves the cursor behind the list. */
export function readList(cursor: Cursor, of: number, into: Uint32Array): number {
  const head = readVarint(cursor)
  const form = head % 4
  if (form === single) {
    into[0] = readVarint(cursor)
    return 1
  }
  if (form === bits) return readBits(cursor, of, into)
  const length = readVarint(cursor)
  const end = cursor.at + length
  return form === gaps ? readGaps(cursor, end, into) : readMissing(cursor, end, of, into)
}

function readGaps(cursor: Cursor, end: number, into: Uint32Array): number {
  const { bytes } = cursor
  let { at } = cursor
  let count = 0
  let letter = -1
  while (at < end) {
    let byte = bytes[at++] ?? 0
    let gap = byte & 127
    for (let shift = 7; byte >= 128 && shift < 35; shift += 7) {
      byte = bytes[at++] ?? 0
      gap += (byte & 127) * 2 ** shift
    }
    letter += gap + 1
    into[count++] = letter
  }
  cursor.at = end
  return count
}

function readBits(cursor: Cursor, of: number, into: Uint32Array): number {
  const { bytes, at } = cursor
  const length = (of + 7) >> 3
  let count = 0
  for (let index = 0; index < length; index++) {
    let byte = bytes[at + index] ?? 0
    for (; byte !== 0; byte &= byte - 1) into[count++] = index * 8 + (31 - Math.clz32(byte & -byte))
  }
  cursor.at = at + length
  return count
}

function readMissing(cursor: Cursor, end: number, of: number, into: Uint32Array): number {
  let count = 0
  let letter = 0
  while (cursor.at < end) {
    const absent = letter + readVarint(cursor)
    while (letter < absent) into[count++] = letter++
    letter++
  }
  while (letter < of) into[count++] = letter++
  return count
}
