/** What bulk operations mean, one message at a time: slow, plain, and what the fast ones are compared with. */
import type { AccountWriter } from './account-writer.ts'
import { changed, flagBits } from './flags.ts'
import type { WriterOperations } from './operations.ts'
import { deletedFlag, place, setFlags, unplace } from './place.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { type PlacementRow, readPlacement, readPlacementsOf } from './tables/placement.ts'
import { readUidsIn } from './tables/placement-range.ts'
import { rangesOfUids } from './uid-ranges.ts'

type Named = { readonly uids: ArrayLike<number> }

function* uidsIn(account: AccountWriter, mailbox: MailboxRow, { uids }: Named): Generator<number> {
  const highest = mailbox.uidNext - 1
  for (let index = 0; index < uids.length; index += 2) {
    const range = { first: uids[index] ?? 0, last: Math.min(uids[index + 1] ?? 0, highest) }
    yield* readUidsIn(account.database, mailbox.id, range, 1_000_000)
  }
}

export function changeFlagsEach(account: AccountWriter, input: WriterOperations['changeFlags']['input']) {
  const bits = flagBits(account, input.change, false)
  const mailbox = account.mailbox(input.mailbox)
  const done: number[] = []
  const failed: number[] = []
  if (typeof bits !== 'number' || !mailbox) return { changed: done, failed, modSeq: account.counters.modSeq }
  const since = input.unchangedSince ?? Infinity
  const uids = [...uidsIn(account, mailbox, input)]
  const newer = new Set(uids.filter(uid => (readPlacement(account.database, input.mailbox, uid)?.modSeq ?? 0) > since))
  for (const uid of uids) {
    const row = readPlacement(account.database, input.mailbox, uid)
    if (!row) continue
    if (newer.has(uid)) {
      failed.push(uid)
      continue
    }
    const flags = changed(row.flags, input.change.mode, bits)
    if (flags === row.flags) continue
    setFlags(account, row, flags)
    done.push(uid)
  }
  return { changed: rangesOfUids(done), failed, modSeq: account.counters.modSeq }
}

export function transferEach(account: AccountWriter, input: WriterOperations['copy']['input'], remove: boolean) {
  const source = account.mailbox(input.from)
  const target = account.mailbox(input.to)
  if (!source || !target) return { refused: 'no-such-mailbox' }
  const from: number[] = []
  const to: number[] = []
  const leaving: PlacementRow[] = []
  for (const uid of uidsIn(account, source, input)) {
    const row = readPlacement(account.database, source.id, uid)
    if (!row) continue
    const others = readPlacementsOf(account.database, row.email)
    const email = { id: row.email, flags: row.flags, sizeBytes: row.sizeBytes, savedMs: input.nowMs, others }
    to.push(place(account, target, email))
    from.push(uid)
    if (remove) leaving.push(row)
  }
  for (const row of leaving)
    if (readPlacement(account.database, row.mailbox, row.uid)) unplace(account, source, row, input.nowMs)
  return { uidValidity: target.uidValidity, from: rangesOfUids(from), to: rangesOfUids(to) }
}

export function expungeEach(account: AccountWriter, input: WriterOperations['expunge']['input']) {
  const mailbox = account.mailbox(input.mailbox)
  const expunged: number[] = []
  if (!mailbox) return { expunged, modSeq: account.counters.modSeq }
  if (mailbox.deleted === 0) return { expunged, modSeq: mailbox.highestModSeq }
  for (const uid of uidsIn(account, mailbox, { uids: input.uids ?? [1, mailbox.uidNext] })) {
    const row = readPlacement(account.database, mailbox.id, uid)
    if (!row || !(row.flags & deletedFlag)) continue
    unplace(account, mailbox, row, input.nowMs)
    expunged.push(uid)
  }
  return { expunged: rangesOfUids(expunged), modSeq: account.counters.modSeq }
}
