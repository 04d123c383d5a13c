import type { AccountWriter } from './account-writer.ts'
import { packedUids } from './changes.ts'
import type { CopiedRows, MessagesInput, Refusal, WriterOperations } from './operations.ts'
import { deletedFlag, place, unplace } from './place.ts'
import { type PlacementRow, readDeletedUids, readPlacement } from './tables/placement.ts'

/** COPY: further placements of the same emails. */
export function copy(account: AccountWriter, input: MessagesInput): CopiedRows | Refusal {
  return transfer(account, input, false)
}

/** MOVE: the placements go over; the emails stay what they are (RFC 6851, RFC 8474 §5.1). */
export function move(account: AccountWriter, input: MessagesInput): CopiedRows | Refusal {
  return transfer(account, input, true)
}

function transfer(account: AccountWriter, input: MessagesInput, remove: boolean): CopiedRows | Refusal {
  const source = account.mailbox(input.from)
  const target = account.mailbox(input.to)
  if (!source || !target) return { refused: 'no-such-mailbox' }
  const from: number[] = []
  const to: number[] = []
  const leaving: PlacementRow[] = []
  for (const uid of input.uids) {
    const row = readPlacement(account.database, source.id, uid)
    if (!row) continue
    const email = { id: row.email, flags: row.flags, sizeBytes: row.sizeBytes, savedMs: input.nowMs }
    to.push(place(account, target, email))
    from.push(uid)
    if (remove) leaving.push(row)
  }
  // after all the others: one event that tells of a thousand removals costs the sessions less than a thousand events
  for (const row of leaving) unplace(account, source, row, input.nowMs)
  return { uidValidity: target.uidValidity, from: packedUids(from), to: packedUids(to) }
}

/** EXPUNGE: takes out what is marked \Deleted. */
export function expunge(
  account: AccountWriter,
  input: WriterOperations['expunge']['input'],
): WriterOperations['expunge']['output'] {
  const mailbox = account.mailbox(input.mailbox)
  const expunged: number[] = []
  if (!mailbox) return { expunged, modSeq: account.counters.modSeq }
  if (mailbox.deleted === 0) return { expunged, modSeq: mailbox.highestModSeq }
  for (const uid of input.uids ?? readDeletedUids(account.database, mailbox.id)) {
    const row = readPlacement(account.database, mailbox.id, uid)
    if (!row || !(row.flags & deletedFlag)) continue
    unplace(account, mailbox, row, input.nowMs)
    expunged.push(uid)
  }
  return { expunged: packedUids(expunged), modSeq: account.counters.modSeq }
}
