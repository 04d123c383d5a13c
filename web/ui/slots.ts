/**
 * Which elements show which rows of a long list. To make a row takes several times as long as to show another in it, so what scrolls out at one end
 * comes in again at the other. An element stays with its row for as long as that is there: nobody's focus, finger or animation ends on a neighbour.
 */

export type Key = string | number

export type ShownRow = {
  /** undefined: a place of which nothing is known yet */
  readonly key: Key | undefined
  /** Rows with the same number are the same element */
  readonly slot: number
}

export type Shown = {
  readonly from: number
  /** Of the places from `from` on */
  readonly rows: readonly ShownRow[]
  /** No element had this number yet */
  readonly next: number
}

export const nothingShown: Shown = { from: 0, rows: [], next: 0 }

/**
 * Others are shown now, from the place `from` on. Rows keep their elements, wherever they stand; those that come take elements of which the place is
 * out of sight. `isHeld`: the element of this row, counted in `was.rows`, is not given to another.
 */
export function show(
  was: Shown,
  from: number,
  keys: readonly (Key | undefined)[],
  isHeld: (index: number) => boolean,
): Shown {
  const to = from + keys.length
  const byKey = new Map(was.rows.map((row, index) => [row.key, index] as const))
  const taken = new Set<number>()
  const take = (index: number | undefined): number | undefined => {
    const slot = index === undefined || taken.has(index) ? undefined : was.rows[index]?.slot
    if (index !== undefined && slot !== undefined) taken.add(index)
    return slot
  }
  const unnamedAt = (at: number) => {
    const index = at - was.from
    return was.rows[index] && was.rows[index].key === undefined ? index : undefined
  }
  const kept = keys.map(key => (key === undefined ? undefined : take(byKey.get(key))))
  const placed = kept.map((slot, index) => slot ?? take(unnamedAt(from + index)))
  const free = was.rows.flatMap(({ key, slot }, index) => {
    const isInSight = was.from + index >= from && was.from + index < to
    return taken.has(index) || (isInSight && key !== undefined) || isHeld(index) ? [] : [slot]
  })
  let { next } = was
  const rows = keys.map((key, index) => ({ key, slot: placed[index] ?? free.shift() ?? next++ }))
  return { from, rows, next }
}
