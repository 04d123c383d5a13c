/** The stored rows of the messages found, read as FETCH reads them. */
import type { EmailRow } from '#mail/account.ts'
import { rowBatch } from '../limits.ts'
import type { Peer } from '../peer.ts'
import type { Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import { pausesFor } from './slices.ts'

/** Calls `use` for each message in order, with its index in the view and its place in `found`. A message that is gone by now is left out. */
export async function readRows(
  found: Found,
  { account, selected }: Selected,
  { output }: Peer,
  use: (row: EmailRow, index: number, at: number) => void,
): Promise<void> {
  await output.room()
  const pause = pausesFor(output)
  for (let from = 0; from < found.length; from += rowBatch) {
    const indexes = found.slice(from, from + rowBatch)
    const rows = await account.emails(indexes.map(index => selected.view.emailId(index)))
    for (const [at, row] of rows.entries()) if (row) use(row, indexes[at] ?? 0, from + at)
    await pause()
  }
}
