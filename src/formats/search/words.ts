/**
 * Words, hashed. Grams say which letters cannot contain a needle; that a letter has the very word settles that it does contain
 * it, without reading. Where words are written without blanks, every three and four characters in a row count as a word. The hash
 * is seeded by chance for each index, so that nobody can write a word that passes for another.
 */
import { isCjk, type Zone } from './grams.ts'
import { cjkWordUnits, maxWordUnits, minWordUnits } from './limits.ts'

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
export function wordHashes(text: string, seed: number): Uint32Array {
  const most = text.length * cjkWordUnits.length * 2
  if (scratch.length < most) scratch = new Uint32Array(most * 2)
  let count = 0
  let start = 0
  let cjkFrom = -1
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0
    if (isWordUnit(unit)) {
      cjkFrom = -1
      continue
    }
    const length = at - start
    if (length >= minWordUnits && length <= maxWordUnits) count = putHash(text, start, at, seed, count)
    start = at + 1
    if (unit < 0x2e80 || !isCjk(unit)) cjkFrom = -1
    else if (cjkFrom < 0) cjkFrom = at
    if (cjkFrom >= 0)
      for (const units of cjkWordUnits)
        if (at - cjkFrom + 1 >= units) count = putHash(text, at + 1 - units, at + 1, seed, count)
  }
  return scratch.subarray(0, count)
}

let scratch = new Uint32Array(4096)

function putHash(text: string, from: number, to: number, seed: number, count: number): number {
  let high = seed
  let low = ~seed
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    high = (Math.imul(high, 31) + unit) | 0
    low = Math.imul(low ^ unit, 0x85ebca6b)
    low ^= low >>> 15
  }
  scratch[count] = (high ^ (high >>> 16)) & 0xffff
  scratch[count + 1] = low >>> 0
  return count + 2
}

export function wordKey(zone: Zone, word: string, seed: number): number {
  putHash(word, 0, word.length, seed, 0)
  return zone * 0x1_0000_0000_0000 + (scratch[0] ?? 0) * 0x1_0000_0000 + (scratch[1] ?? 0)
}
