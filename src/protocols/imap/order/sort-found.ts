/** Messages put into the order that SORT asks for. RFC 5256 §3 */
import type { Peer } from '../peer.ts'
import type { Scores } from '../search/relevancy.ts'
import type { Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import type { SortCriterion, SortKey } from '../syntax/request.ts'
import { lettersOf } from './known-letters.ts'
import type { LetterColumns } from './letter-columns.ts'
import { readRows } from './rows.ts'
import { inSlices } from './slices.ts'
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
  const order = Uint32Array.from(indexes, (_, at) => at)
  await inSlices(sortInSteps(order, compareColumns(columns)), peer.output)
  await peer.output.room()
  return Array.from(order, position => indexes[position] ?? 0)
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
  const { columns: letters, slots } = await lettersOf(found, session, peer, { threads: false })
  const { view } = session.selected
  const isThere = (_: number, at: number) => letters.found[slots[at] ?? 0] === 1 && view.isThere(found[at] ?? 0)
  const there = slots.filter(isThere)
  const columns = program.map(({ key, reverse }) => {
    const valueOf = numberOf(key as NumericKey, letters)
    return { reverse, column: Float64Array.from(there, valueOf) }
  })
  return { indexes: found.filter(isThere), columns }
}

function numberOf(key: NumericKey, letters: LetterColumns): (slot: number) => number {
  switch (key) {
    case 'ARRIVAL':
      return slot => letters.arrivals[slot] ?? 0
    case 'DATE':
      return slot => letters.dates[slot] ?? 0
    case 'SIZE':
      return slot => letters.sizes[slot] ?? 0
    case 'SUBJECT': {
      const ranks = letters.subjectRanks()
      return slot => ranks[letters.subjects[slot] ?? 0] ?? 0
    }
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
    indexes.push(index)
    for (const [at, value] of sortValues(keys, row, scores?.get(index)).entries()) columns[at]?.column.push(value)
  })
  return { indexes, columns }
}
