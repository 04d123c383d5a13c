/**
 * Whole words, hashed. Grams say which letters cannot contain a needle; that a letter has the very word settles that it does
 * contain it, without reading. The hash is seeded by chance for each index, so that nobody can write a word that passes for another.
 */
import { isCjk, type Zone } from './grams.ts'
import { maxWordUnits, minWordUnits } from './limits.ts'

/** What a word consists of need not be what grammar says: only the same for letter and needle. */
function isWordUnit(unit: number): boolean {
  if (unit < 128) return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57)
  return unit >= 0xc0 && !(unit >= 0x2000 && unit < 0x2c00) && !isCjk(unit)
}

export function isWord(text: string): boolean {
  if (text.length < minWordUnits || text.length > maxWordUnits) return false
  for (let at = 0; at < text.length; at++) if (!isWordUnit(text.charCodeAt(at))) return false
  return true
}

/** 48 bits of each word of the text, in two numbers: 16 bits, then 32. The result is good until the next call. */
export function wordHashes(text: string, seed: number): Uint32Array {
  if (scratch.length < text.length) scratch = new Uint32Array(text.length * 2)
  let count = 0
  let start = 0
  let high = seed
  let low = ~seed
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0
    if (isWordUnit(unit)) {
      high = (Math.imul(high, 31) + unit) | 0
      low = Math.imul(low ^ unit, 0x85ebca6b)
      low ^= low >>> 15
      continue
    }
    const length = at - start
    if (length >= minWordUnits && length <= maxWordUnits) {
      scratch[count++] = (high ^ (high >>> 16)) & 0xffff
      scratch[count++] = low >>> 0
    }
    start = at + 1
    high = seed
    low = ~seed
  }
  return scratch.subarray(0, count)
}

let scratch = new Uint32Array(4096)

export function wordKey(zone: Zone, word: string, seed: number): number {
  const [high = 0, low = 0] = wordHashes(word, seed)
  return zone * 0x1_0000_0000_0000 + high * 0x1_0000_0000 + low
}
