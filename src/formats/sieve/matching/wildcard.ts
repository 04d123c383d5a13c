/** `:matches`: `*` for any text, `?` for one character, `\` before either for itself. RFC 5228 §2.7.1; what they took: RFC 5229 §3.2 */
import { casemapKey } from '#formats/charset/casemap.ts'
import type { Comparator } from '../program.ts'
import type { Budget, Work } from './budget.ts'
import { upperAscii } from './comparators.ts'

type Piece = string | typeof any
/** One `?`; never equal to a character */
const any = Symbol('any')
/** Between stars */
type Segment = readonly Piece[]

/** The whole and what each wildcard took, as little as possible from left to right; undefined when the text does not match. */
export function* matchWildcards(
  pattern: string,
  text: string,
  comparator: Comparator,
  budget: Budget,
): Work<readonly string[] | undefined> {
  const fold = foldFor(comparator)
  // composed, so that a letter and its mark are one character on both sides
  const composed = comparator === 'i;unicode-casemap' ? text.normalize('NFC') : text
  const characters = Array.from(composed)
  const keys = characters.map(fold)
  const segments = segmentsOf(comparator === 'i;unicode-casemap' ? pattern.normalize('NFC') : pattern, fold)
  budget.spend(1 + keys.length + pattern.length)
  const ends = yield* place(segments, keys, budget)
  return ends && [text, ...takenBy(segments, ends, characters)]
}

function foldFor(comparator: Comparator): (character: string) => string {
  if (comparator === 'i;unicode-casemap') return casemapKey
  return comparator === 'i;ascii-casemap' ? upperAscii : character => character
}

function segmentsOf(pattern: string, fold: (character: string) => string): readonly Segment[] {
  const segments: Piece[][] = [[]]
  const characters = Array.from(pattern)
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    const last = segments.at(-1) ?? []
    if (character === '*') segments.push([])
    else if (character === '?') last.push(any)
    else if (character === '\\' && at + 1 < characters.length) last.push(fold(characters[++at] ?? ''))
    else last.push(fold(character))
  }
  return segments
}

/** Where each segment begins; the first and the last are held by the ends of the text. */
function* place(
  segments: readonly Segment[],
  keys: readonly string[],
  budget: Budget,
): Work<readonly number[] | undefined> {
  const [first = []] = segments
  if (!standsAt(first, keys, 0, budget)) return undefined
  if (segments.length === 1) return first.length === keys.length ? [0] : undefined
  const starts = [0]
  let from = first.length
  for (const segment of segments.slice(1, -1)) {
    const found = yield* find(segment, keys, from, budget)
    if (found < 0) return undefined
    starts.push(found)
    from = found + segment.length
  }
  const last = segments.at(-1) ?? []
  const start = keys.length - last.length
  if (start < from || !standsAt(last, keys, start, budget)) return undefined
  return [...starts, start]
}

function* find(segment: Segment, keys: readonly string[], from: number, budget: Budget): Work<number> {
  for (let at = from; at + segment.length <= keys.length; at++) {
    if (standsAt(segment, keys, at, budget)) return at
    if (budget.pauseDue) yield
  }
  return -1
}

function standsAt(segment: Segment, keys: readonly string[], at: number, budget: Budget): boolean {
  if (at + segment.length > keys.length) return false
  for (let index = 0; index < segment.length; index++) {
    budget.spend(1)
    const piece = segment[index]
    if (piece !== any && piece !== keys[at + index]) return false
  }
  return true
}

function takenBy(segments: readonly Segment[], starts: readonly number[], characters: readonly string[]): string[] {
  const taken: string[] = []
  let before = 0
  for (const [index, segment] of segments.entries()) {
    const start = starts[index] ?? 0
    if (index > 0) taken.push(characters.slice(before, start).join(''))
    for (const [offset, piece] of segment.entries()) if (piece === any) taken.push(characters[start + offset] ?? '')
    before = start + segment.length
  }
  return taken
}
