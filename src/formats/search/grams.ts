/**
 * Grams: the short pieces of folded text that the index knows. Every UTF-16 unit of a text begins exactly one gram:
 *
 *   a CJK unit            with the unit behind it                     会議 → 会議, 議·
 *   any other unit        with the two behind it                      abc → abc, bc·, c··
 *
 * where a CJK unit in third place counts only as "CJK", and what lies behind the end is "end". So each gram depends on nothing
 * but the units in it: whatever a needle consists of, the letters that hold it have all of the needle's whole grams. As grams
 * are kept in order, those that begin with a given unit (or two) are one range: needles that are shorter than a gram, one
 * kanji or two Latin letters, are answered by such a range, and exactly.
 */
import { maxNeedleGrams } from './limits.ts'

/** Where a gram was found. Part of its key, so each zone of a letter is searched by itself. */
export const zones = {
  header: 0,
  body: 1,
  subject: 2,
  from: 3,
  to: 4,
  cc: 5,
  bcc: 6,
  /** Of attached files */
  names: 7,
  /** Whole words (words.ts): the zones from here on */
  headerWords: 8,
  bodyWords: 9,
} as const
export type Zone = (typeof zones)[keyof typeof zones]
export const zoneCount = 10

/** Stand for "end" and "CJK" in a gram; the control characters themselves count as `lowestUnit`. */
export const endUnit = 0
export const cjkUnit = 1
export const lowestUnit = 2

/** Below 2^52: a plain number, ordered by zone, then unit by unit. */
export function gramKey(zone: Zone, first: number, second: number, third: number): number {
  return zone * 0x1_0000_0000_0000 + first * 0x1_0000_0000 + second * 0x1_0000 + third
}

/** Scripts written without blanks, in which two characters say much and one may be a word. */
export function isCjk(unit: number): boolean {
  return unit >= 0x2e80 && (unit <= 0x9fff || (unit >= 0xac00 && unit <= 0xd7af) || (unit >= 0xf900 && unit <= 0xfaff))
}

export type NeedlePlan =
  /** In every letter */
  | { readonly kind: 'anything' }
  /** Any gram from `from` up to and without `to`. Exact. */
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  /** All of these. `exact`: nothing needs to be verified. */
  | { readonly kind: 'grams'; readonly keys: readonly number[]; readonly exact: boolean }
  /** What has this word surely contains the needle; what has it not may contain it all the same. */
  | { readonly kind: 'word'; readonly zone: Zone; readonly word: string }
  /** The index cannot tell */
  | { readonly kind: 'unknown' }

/** How the index answers whether folded text in `zone` contains `needle`, which is folded too. */
export function planNeedle(zone: Zone, needle: string): NeedlePlan {
  if (needle === '') return { kind: 'anything' }
  const keys = wholeGrams(zone, needle)
  if (keys.length > 0) return { kind: 'grams', keys: spread(keys), exact: isOneGram(needle) }
  const first = needle.charCodeAt(0)
  const second = needle.length > 1 ? needle.charCodeAt(1) : 0
  // control characters share a place in the grams
  if (first <= lowestUnit || (needle.length > 1 && second <= lowestUnit)) return { kind: 'unknown' }
  const from = gramKey(zone, first, second, 0)
  return { kind: 'range', from, to: from + (needle.length > 1 ? 0x1_0000 : 0x1_0000_0000) }
}

/** Keys of the grams that lie wholly inside `text`, each once. */
export function wholeGrams(zone: Zone, text: string): number[] {
  const keys = new Set<number>()
  for (let at = 0; at + 1 < text.length; at++) {
    const first = unitAt(text, at)
    const second = unitAt(text, at + 1)
    if (isCjk(first) || isCjk(second)) keys.add(gramKey(zone, first, second, endUnit))
    else if (at + 2 < text.length) keys.add(gramKey(zone, first, second, thirdUnit(unitAt(text, at + 2))))
  }
  return [...keys]
}

function isOneGram(needle: string): boolean {
  for (let at = 0; at < needle.length; at++) if (needle.charCodeAt(at) <= lowestUnit) return false
  if (needle.length === 2) return true
  if (needle.length !== 3) return false
  return ![0, 1, 2].some(at => isCjk(needle.charCodeAt(at)))
}

function unitAt(text: string, at: number): number {
  return Math.max(lowestUnit, text.charCodeAt(at))
}

function thirdUnit(unit: number): number {
  return isCjk(unit) ? cjkUnit : unit
}

/** Of a long needle, grams from all over it. */
function spread(keys: readonly number[]): readonly number[] {
  if (keys.length <= maxNeedleGrams) return keys
  const step = (keys.length - 1) / (maxNeedleGrams - 1)
  return Array.from({ length: maxNeedleGrams }, (_, index) => keys[Math.round(index * step)] ?? 0)
}
