/** Messages put into the order that SORT asks for. RFC 5256 §3 */
import type { Peer } from '../peer.ts'
import type { Scores } from '../search/relevancy.ts'
import type { Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import type { SortCriterion, SortKey } from '../syntax/request.ts'
import { lettersOf } from './known-letters.ts'
import { taken, type LetterColumns } from './letter-columns.ts'
import { readRows } from './rows.ts'
import { inSlices, type Steps } from './slices.ts'
import { compareColumns, sortInSteps, type Column } from './sort.ts'
import { sortValues } from './sort-value.ts'

/** Those that are gone by now are left out. */
export async function sortFound(
  found: Found,
  program: readonly SortCriterion[],
  session: Selected,
  peer: Peer,
  scores?: Scores,
): Promise<Found> {
  const { indexes, columns } = program.every(({ key }) => isNumeric(key))
    ? await numericColumns(found, program, session, peer)
    : await readColumns(found, program, session, peer, scores)
  await peer.output.room()
  const order = new Uint32Array(indexes.length)
  for (let at = 0; at < order.length; at++) order[at] = at
  await inSlices(sortInSteps(order, compareColumns(columns)), peer.output)
  await peer.output.room()
  const sorted: number[] = []
  for (let at = 0; at < order.length; at++) sorted.push(indexes[order[at] ?? 0] ?? 0)
  return sorted
}

type Sortable = {
  readonly indexes: readonly number[]
  readonly columns: readonly { readonly column: Column; readonly reverse: boolean }[]
}

type NumericKey = 'ARRIVAL' | 'DATE' | 'SIZE' | 'SUBJECT'

function isNumeric(key: SortKey): key is NumericKey {
  return key === 'ARRIVAL' || key === 'DATE' || key === 'SIZE' || key === 'SUBJECT'
}

/** From what is kept of the mailbox. */
async function numericColumns(
  found: Found,
  program: readonly SortCriterion[],
  session: Selected,
  peer: Peer,
): Promise<Sortable> {
  const { columns: letters, slots, indexes } = await lettersOf(found, session, peer, { threads: false })
  const columns: { readonly column: Column; readonly reverse: boolean }[] = []
  for (const { key, reverse } of program) {
    await peer.output.room()
    columns.push({ reverse, column: await inSlices(numbersOf(key as NumericKey, letters, slots), peer.output) })
  }
  return { indexes, columns }
}

function* numbersOf(key: NumericKey, letters: LetterColumns, slots: Uint32Array): Steps<Float64Array> {
  switch (key) {
    case 'ARRIVAL':
      return taken(letters.arrivals, slots)
    case 'DATE':
      return taken(letters.dates, slots)
    case 'SIZE':
      return taken(letters.sizes, slots)
    case 'SUBJECT':
      return taken(yield* letters.subjectRanks(), taken(letters.subjects, slots))
    default:
      return key satisfies never
  }
}

async function readColumns(
  found: Found,
  program: readonly SortCriterion[],
  session: Selected,
  peer: Peer,
  scores: Scores | undefined,
): Promise<Sortable> {
  const keys = program.map(({ key }) => key)
  const columns = program.map(({ reverse }) => ({ reverse, column: [] as (string | number)[] }))
  const indexes: number[] = []
  await readRows(found, session, peer, (row, index) => {
    peer.progress.reach(indexes.length, found.length)
    indexes.push(index)
    for (const [column, value] of sortValues(keys, row, scores?.[index]).entries()) columns[column]?.column.push(value)
  })
  return { indexes, columns }
}
