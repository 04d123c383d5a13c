/** Sorting in steps: a hundred thousand texts take longer than the others may wait. */
import { stepItems, type Steps } from './slices.ts'

export type Compare = (left: number, right: number) => number

/** A merge sort of the numbers, in place. Numbers that compare equal keep their order. */
export function* sortInSteps(numbers: Uint32Array<ArrayBuffer>, compare: Compare): Steps<void> {
  const { length } = numbers
  const standing = yield* standingOf(numbers, compare)
  if (standing === 'backwards') numbers.reverse()
  if (standing !== 'mixed') return
  for (let from = 0; from < length; from += stepItems) {
    numbers.subarray(from, from + stepItems).sort(compare)
    yield
  }
  let from = numbers
  let to = new Uint32Array(length)
  for (let width = stepItems; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length)
      yield* merge(from, to, { start, middle, end: Math.min(middle + width, length) }, compare)
    }
    const sorted = to
    to = from
    from = sorted
  }
  if (from !== numbers) numbers.set(from)
}

/** Mail comes in the order of its arrival: most often nothing has to be sorted, or everything turned round. */
function* standingOf(numbers: Uint32Array, compare: Compare): Steps<'sorted' | 'backwards' | 'mixed'> {
  const isBackwards = numbers.length > 1 && compare(numbers[0] ?? 0, numbers[1] ?? 0) > 0
  for (let at = 1; at < numbers.length; at++) {
    if (compare(numbers[at - 1] ?? 0, numbers[at] ?? 0) > 0 !== isBackwards) return 'mixed'
    if (at % stepItems === 0) yield
  }
  return isBackwards ? 'backwards' : 'sorted'
}

/** So many are sorted at once, without anything made for it. */
export const fewNumbers = 8

/** At most `fewNumbers`, in place. Numbers that compare equal keep their order. */
export function sortFew(numbers: number[], compare: Compare): void {
  for (let next = 1; next < numbers.length; next++) {
    const number = numbers[next] ?? 0
    let at = next
    for (; at > 0 && compare(numbers[at - 1] ?? 0, number) > 0; at--) numbers[at] = numbers[at - 1] ?? 0
    numbers[at] = number
  }
}

type Span = { readonly start: number; readonly middle: number; readonly end: number }

function* merge(from: Uint32Array, to: Uint32Array, { start, middle, end }: Span, compare: Compare): Steps<void> {
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    const takesLeft = right >= end || (left < middle && compare(from[left] ?? 0, from[right] ?? 0) <= 0)
    to[at] = (takesLeft ? from[left++] : from[right++]) ?? 0
    if (at % stepItems === 0) yield
  }
}

/** Texts or numbers by position, compared as they are. */
export type Column = ArrayLike<string | number>

/** By the first column, and where that says nothing by the next; at last by position. RFC 5256 §3 */
export function compareColumns(columns: readonly { readonly column: Column; readonly reverse: boolean }[]): Compare {
  return (left, right) => {
    for (const { column, reverse } of columns) {
      const a = column[left] ?? ''
      const b = column[right] ?? ''
      if (a !== b) return a < b === reverse ? 1 : -1
    }
    return left - right
  }
}
