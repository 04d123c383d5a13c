/**
 * Words, hashed. Grams say which letters cannot contain a needle; that a letter has the very word settles that it does contain
 * it, without reading. Where words are written without blanks, every three and four characters in a row count as a word. The hash
 * is seeded by chance for each index, so that nobody can write a word that passes for another.
 */
import { isCjk, type Zone } from './grams.ts'
import { cjkWordUnits, maxWordUnits, minWordUnits } from './limits.ts'
import { unitsOf } from './units.ts'

/** What a word consists of need not be what grammar says: only the same for letter and needle. */
function isWordUnit(unit: number): boolean {
  if (unit < 128) return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57)
  return unit >= 0xc0 && !(unit >= 0x2000 && unit < 0x2c00) && !isCjk(unit)
}

export function isWord(text: string): boolean {
  const isOf = (kind: (unit: number) => boolean) => {
    for (let at = 0; at < text.length; at++) if (!kind(text.charCodeAt(at))) return false
    return true
  }
  if (cjkWordUnits.includes(text.length) && isOf(isCjk)) return true
  return text.length >= minWordUnits && text.length <= maxWordUnits && isOf(isWordUnit)
}

/** 48 bits of each word of the text, in two numbers: 16 bits, then 32. The result is good until the next call. */
export function wordHashes(units: Uint16Array, length: number, seed: number): Uint32Array {
  const most = (length + 1) * cjkWordUnits.length * 2
  if (scratch.length < most) scratch = new Uint32Array(most * 2)
  let count = 0
  let start = 0
  let cjkFrom = -1
  let high = seed
  let low = ~seed
  for (let at = 0; at < length; at++) {
    const unit = units[at] ?? 0
    if (unit < 128 ? asciiWordUnits[unit] === 1 : isWordUnit(unit)) {
      // as hashOf does
      high = (Math.imul(high, 31) + unit) | 0
      low = Math.imul(low ^ unit, 0x85ebca6b)
      low ^= low >>> 15
      cjkFrom = -1
      continue
    }
    if (isWordLength(at - start)) count = put(high, low, count)
    start = at + 1
    high = seed
    low = ~seed
    if (unit < 0x2e80 || !isCjk(unit)) cjkFrom = -1
    else {
      if (cjkFrom < 0) cjkFrom = at
      count = putCjkWords(units, cjkFrom, at + 1, seed, count)
    }
  }
  if (isWordLength(length - start)) count = put(high, low, count)
  return scratch.subarray(0, count)
}

const asciiWordUnits = Uint8Array.from({ length: 128 }, (_, unit) => (isWordUnit(unit) ? 1 : 0))
let scratch = new Uint32Array(4096)

function isWordLength(length: number): boolean {
  return length >= minWordUnits && length <= maxWordUnits
}

/** Those that end at `to`, of a run that begins at `from`. */
function putCjkWords(units: Uint16Array, from: number, to: number, seed: number, count: number): number {
  for (const length of cjkWordUnits) if (to - from >= length) count = putHash(units, to - length, to, seed, count)
  return count
}

function putHash(units: Uint16Array, from: number, to: number, seed: number, count: number): number {
  let high = seed
  let low = ~seed
  for (let at = from; at < to; at++) {
    const unit = units[at] ?? 0
    high = (Math.imul(high, 31) + unit) | 0
    low = Math.imul(low ^ unit, 0x85ebca6b)
    low ^= low >>> 15
  }
  return put(high, low, count)
}

function put(high: number, low: number, count: number): number {
  scratch[count] = (high ^ (high >>> 16)) & 0xffff
  scratch[count + 1] = low >>> 0
  return count + 2
}

export function wordKey(zone: Zone, word: string, seed: number): number {
  putHash(unitsOf(word), 0, word.length, seed, 0)
  return zone * 0x1_0000_0000_0000 + (scratch[0] ?? 0) * 0x1_0000_0000 + (scratch[1] ?? 0)
}
