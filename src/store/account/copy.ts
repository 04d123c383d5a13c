import type { AccountWriter } from './account-writer.ts'
import { Leaving } from './leaving.ts'
import type { CopiedRows, MessagesInput, Refusal, WriterOperations } from './operations.ts'
import { countFlags, deletedFlag, requireUids } from './place.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { copyRange, readRange, type UidRange } from './tables/placement-range.ts'
import { addRange, packedNumbers, rangesBelow } from './uid-ranges.ts'

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
  // Within one mailbox, what is new in it is not to be copied again
  const ranges = [...rangesBelow(input.uids, source.uidNext)]
  const from: number[] = []
  const to: number[] = []
  for (const range of ranges) placeRange(account, source, target, range, input.nowMs, { from, to })
  // after all the others: one event that tells of a thousand removals costs the sessions less than a thousand events
  if (remove) {
    const leaving = new Leaving(account, input.nowMs)
    for (const range of ranges) leaving.takeOut(source, range)
    leaving.done()
  }
  return { uidValidity: target.uidValidity, from: packedNumbers(from), to: packedNumbers(to) }
}

/** All that is in the range gets a further placement at the end of `target`. `copied`: pairs, ranges of UIDs */
export function placeRange(
  account: AccountWriter,
  source: MailboxRow,
  target: MailboxRow,
  range: UidRange,
  savedMs: number,
  copied: { readonly from: number[]; readonly to: number[] },
): void {
  const { database } = account
  for (let { first } = range; first <= range.last; ) {
    const part = { first, last: range.last }
    const rows = readRange(database, source.id, part, { mask: 0, shared: false, limit: account.bulk.rangeRows })
    const last = rows.at(-1)?.[0]
    if (last === undefined) return
    const modSeq = account.modSeq()
    requireUids(target, rows.length)
    const start = rows[0]?.[0] ?? first
    const isDense = rows.length === last - start + 1
    const to = { target: target.id, at: target.uidNext, isDense, modSeq, saved: savedMs }
    copyRange(database, source.id, { first: start, last }, to)
    for (const [uid = 0, email = 0, flags = 0, sizeBytes = 0] of rows) {
      addRange(copied.from, uid, uid)
      addRange(copied.to, target.uidNext, target.uidNext)
      account.changes.added(target.id, target.uidNext, modSeq, flags, email)
      target.uidNext++
      target.messages++
      target.sizeBytes += sizeBytes
      countFlags(target, flags, 1)
    }
    account.mailboxChanged(target)
    account.changeCounters().placements += rows.length
    if (rows.length < account.bulk.rangeRows) return
    first = last + 1
  }
}

/** EXPUNGE: takes out what is marked \Deleted. */
export function expunge(
  account: AccountWriter,
  input: WriterOperations['expunge']['input'],
): WriterOperations['expunge']['output'] {
  const mailbox = account.mailbox(input.mailbox)
  if (!mailbox) return { expunged: [], modSeq: account.counters.modSeq }
  if (mailbox.deleted === 0) return { expunged: [], modSeq: mailbox.highestModSeq }
  const leaving = new Leaving(account, input.nowMs)
  const ranges = input.uids ?? [1, mailbox.uidNext - 1]
  for (const range of rangesBelow(ranges, mailbox.uidNext)) leaving.takeOut(mailbox, range, deletedFlag)
  return { expunged: packedNumbers(leaving.done()), modSeq: account.counters.modSeq }
}
