import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { readRows } from '../order/rows.ts'
import { inSlices } from '../order/slices.ts'
import { compareColumns, sortInSteps } from '../order/sort.ts'
import { sortValues } from '../order/sort-value.ts'
import type { Peer } from '../peer.ts'
import { ok } from '../reply.ts'
import { mentionsModSeq, savingNothingOnFailure, writeResults } from '../search/results.ts'
import { searchMailbox, type Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import type { SortRequest } from '../syntax/request.ts'

/** SORT. RFC 5256 §3, RFC 5957, RETURN RFC 5267 §3 */
export const sort = {
  name: 'SORT',
  states: mailboxSelected,
  async run(request, session, peer, tag) {
    if (mentionsModSeq(request.key)) enableCondstore(session, peer)
    const found = await savingNothingOnFailure(request, session, () => sortMailbox(request, session, peer))
    await writeResults(request, found, tag, session, peer)
    return ok('SORT completed')
  },
} satisfies Command<'SORT', 'selected'>

async function sortMailbox(request: SortRequest, session: Selected, peer: Peer): Promise<Found> {
  const keys = request.program.map(({ key }) => key)
  const columns = request.program.map(({ reverse }) => ({ reverse, column: [] as (string | number)[] }))
  const indexes: number[] = []
  await readRows(await searchMailbox(request, session, peer), session, peer, (row, index) => {
    indexes.push(index)
    for (const [at, value] of sortValues(keys, row).entries()) columns[at]?.column.push(value)
  })
  await peer.output.room()
  const order = Uint32Array.from(indexes, (_, at) => at)
  await inSlices(sortInSteps(order, compareColumns(columns)), peer.output)
  await peer.output.room()
  return Array.from(order, position => indexes[position] ?? 0)
}
