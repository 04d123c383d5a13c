/** What messages found are sorted by, read many at a time. */
import { rowBatch } from '../limits.ts'
import type { Peer } from '../peer.ts'
import type { Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import { pausesFor } from './slices.ts'
import type { SortedRow } from './sort-value.ts'

/** Calls `use` for each message in order, with its index in the view. A message that is gone by now is left out. */
export async function readRows(
  found: Found,
  { account, selected }: Selected,
  { output }: Peer,
  use: (row: SortedRow, index: number) => void,
): Promise<void> {
  await output.room()
  const pause = pausesFor(output)
  for (let from = 0; from < found.length; from += rowBatch) {
    const indexes = found.slice(from, from + rowBatch)
    const ids = indexes.map(index => selected.view.emailId(index))
    const { facts, parts } = await account.emailParts(ids, ['envelope', 'internalDate', 'sizeBytes'])
    for (let at = 0; at < indexes.length; at++) {
      const end = parts.envelope?.ends[at] ?? 0
      if (!parts.envelope || end === 0) continue
      const envelope = parts.envelope.bytes.subarray(parts.envelope.starts[at], end)
      const row = { internalDate: facts.internalDate?.[at] ?? 0, sizeBytes: facts.sizeBytes?.[at] ?? 0, envelope }
      use(row, indexes[at] ?? 0)
    }
    await pause()
  }
}
