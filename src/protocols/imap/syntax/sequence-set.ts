/** RFC 9051 §9 sequence-set: `2,4:7,9,12:*`. */
import { sequenceRangeLimit } from './limits.ts'
import { expectNumber, tryChar } from './grammar.ts'
import type { Reader } from './reader.ts'

/** Stands for `*`, the largest number in use. */
export const star = Infinity

/** Both ends included, either order; `star` for `*`. */
export type SequenceRange = { readonly first: number; readonly last: number }
export type SequenceSet = readonly SequenceRange[] | typeof savedResult

/** What the last SEARCH RETURN (SAVE) found; stands alone. RFC 5182 §3 */
export const savedResult = '$'

export function expectSequenceSet(reader: Reader): SequenceSet {
  if (tryChar(reader, savedResult)) return savedResult
  const set: SequenceRange[] = []
  do {
    const first = expectSequenceNumber(reader)
    const last = tryChar(reader, ':') ? expectSequenceNumber(reader) : first
    set.push({ first, last })
    if (set.length > sequenceRangeLimit) reader.fail('The sequence set has too many parts')
  } while (tryChar(reader, ','))
  return set
}

/** A set, unless what stands here cannot begin one. */
export function trySequenceSet(reader: Reader): SequenceSet | undefined {
  const byte = reader.peek()
  return byte === 0x24 || byte === 0x2a || (byte >= 0x30 && byte <= 0x39) ? expectSequenceSet(reader) : undefined
}

/** RFC 9051 §9 seq-number */
export function expectSequenceNumber(reader: Reader): number {
  if (tryChar(reader, '*')) return star
  const number = expectNumber(reader)
  return number === 0 ? reader.fail('Numbers begin at 1') : number
}

export function printSequenceSet(set: SequenceSet): string {
  if (set === savedResult) return set
  return set.map(range => (range.first === range.last ? printSequenceNumber(range.first) : printRange(range))).join(',')
}

function printRange({ first, last }: SequenceRange): string {
  return `${printSequenceNumber(first)}:${printSequenceNumber(last)}`
}

export function printSequenceNumber(number: number): string {
  return number === star ? '*' : String(number)
}

/** `1:3,5` for ranges: first and last of each, one after the other. */
export function printPairs(pairs: ArrayLike<number>): string {
  const parts: string[] = []
  for (let at = 0; at < pairs.length; at += 2)
    parts.push(pairs[at] === pairs[at + 1] ? String(pairs[at]) : `${pairs[at]}:${pairs[at + 1]}`)
  return parts.join(',')
}

/** `1:3,5` for ascending numbers; neighbours are joined. */
export function printNumbers(numbers: ArrayLike<number>): string {
  const parts: string[] = []
  for (let at = 0; at < numbers.length; ) {
    const first = numbers[at] ?? 0
    let last = first
    for (at += 1; numbers[at] === last + 1; at += 1) last += 1
    parts.push(first === last ? String(first) : `${first}:${last}`)
  }
  return parts.join(',')
}
