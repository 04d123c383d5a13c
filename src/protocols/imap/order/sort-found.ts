/** Messages put into the order that SORT asks for. RFC 5256 §3 */
import type { Peer } from '../peer.ts'
import type { Scores } from '../search/relevancy.ts'
import type { Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import type { SortCriterion } from '../syntax/request.ts'
import { readRows } from './rows.ts'
import { inSlices } from './slices.ts'
import { compareColumns, sortInSteps } from './sort.ts'
import { sortValues } from './sort-value.ts'

/** Those that are gone by now are left out. */
export async function sortFound(
  found: Found,
  program: readonly SortCriterion[],
  session: Selected,
  peer: Peer,
  scores?: Scores,
): Promise<Found> {
  const keys = program.map(({ key }) => key)
  const columns = program.map(({ reverse }) => ({ reverse, column: [] as (string | number)[] }))
  const indexes: number[] = []
  await readRows(found, session, peer, (row, index) => {
    indexes.push(index)
    for (const [at, value] of sortValues(keys, row, scores?.get(index)).entries()) columns[at]?.column.push(value)
  })
  await peer.output.room()
  const order = Uint32Array.from(indexes, (_, at) => at)
  await inSlices(sortInSteps(order, compareColumns(columns)), peer.output)
  await peer.output.room()
  return Array.from(order, position => indexes[position] ?? 0)
}
