/** PARTIAL: which of the results are wanted. RFC 9394 §4 partial-range */
import { expectChar, expectNumber, tryChar } from './grammar.ts'
import type { Reader } from './reader.ts'

/** Counted from 1, both ends included, in either order; `fromEnd`: 1 is the last result. The answer repeats it as it came. */
export type ResultRange = { readonly first: number; readonly last: number; readonly fromEnd: boolean }

export function expectResultRange(reader: Reader): ResultRange {
  const fromEnd = tryChar(reader, '-')
  const first = expectPosition(reader)
  expectChar(reader, ':')
  if (fromEnd) expectChar(reader, '-')
  return { first, last: expectPosition(reader), fromEnd }
}

function expectPosition(reader: Reader): number {
  const start = reader.position
  return expectNumber(reader) || reader.fail('Results are counted from 1', start)
}

export function printResultRange({ first, last, fromEnd }: ResultRange): string {
  const sign = fromEnd ? '-' : ''
  return `${sign}${first}:${sign}${last}`
}

/** The positions from `start` up to and without `end` among `count` results; none when they are equal. */
export function positionsIn(range: ResultRange, count: number): { readonly start: number; readonly end: number } {
  const low = Math.min(range.first, range.last) - 1
  const high = Math.max(range.first, range.last)
  const start = Math.min(count, range.fromEnd ? Math.max(0, count - high) : low)
  const end = range.fromEnd ? count - Math.min(low, count) : Math.min(high, count)
  return { start, end: Math.max(start, end) }
}
