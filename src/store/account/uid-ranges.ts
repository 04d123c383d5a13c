/** Lists of UIDs on their way between threads: as ranges, a pair of numbers each, however many messages they name. */
import type { UidRanges } from './operations.ts'
import type { UidRange } from './tables/placement-range.ts'

/** From here on typed arrays cross threads cheaper than plain ones. */
const packFrom = 64

/** Neighbours that follow each other are joined; the order stays. */
export function rangesOfUids(uids: ArrayLike<number>): UidRanges {
  const pairs: number[] = []
  let last = -1
  for (let index = 0; index < uids.length; index++) {
    const uid = uids[index] ?? 0
    if (uid === last + 1) pairs[pairs.length - 1] = uid
    else pairs.push(uid, uid)
    last = uid
  }
  return packedNumbers(pairs)
}

/** Adds a range to pairs; where it goes on from the last one it is joined with it. */
export function addRange(pairs: number[], first: number, last: number): void {
  if (pairs.length > 0 && pairs.at(-1) === first - 1) pairs[pairs.length - 1] = last
  else pairs.push(first, last)
}

/** Cut at the highest UID given so far. */
export function* rangesBelow(ranges: UidRanges, uidNext: number): Generator<UidRange> {
  for (let index = 0; index < ranges.length; index += 2) {
    const first = ranges[index] ?? 0
    const last = Math.min(ranges[index + 1] ?? 0, uidNext - 1)
    if (first <= last) yield { first, last }
  }
}

/** One by one. */
export function* uidsIn(ranges: UidRanges): Generator<number> {
  for (let index = 0; index < ranges.length; index += 2)
    for (let uid = ranges[index] ?? 0; uid <= (ranges[index + 1] ?? 0); uid++) yield uid
}

export function packedNumbers(numbers: readonly number[]): readonly number[] | Uint32Array {
  return numbers.length < packFrom ? numbers : new Uint32Array(numbers)
}
