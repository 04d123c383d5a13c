import type { AccountWriter } from './account-writer.ts'
import { Leaving } from './leaving.ts'
import type { CopiedRows, MessagesInput, Refusal, WriterOperations } from './operations.ts'
import { countFlags, deletedFlag, requireUids } from './place.ts'
import { noteAdded } from './shown.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { copyRange, type PlacementRun, readCopiedRun, readRange, type UidRange } from './tables/placement-range.ts'
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
    const leaving = new Leaving(account, input.nowMs, true)
    for (const range of ranges) leaving.takeOut(source, range)
    leaving.done()
  }
  return { uidValidity: target.uidValidity, from: packedNumbers(from), to: packedNumbers(to) }
}

/** Pairs: ranges of UIDs */
type Copied = { readonly from: number[]; readonly to: number[] }

/** All that is in the range gets a further placement at the end of `target`. */
export function placeRange(
  account: AccountWriter,
  source: MailboxRow,
  target: MailboxRow,
  range: UidRange,
  savedMs: number,
  copied: Copied,
): void {
  const { rangeRows } = account.bulk
  for (let { first } = range; first <= range.last; ) {
    const runs = nextRuns(account, source, { first, last: range.last })
    const last = runs.at(-1)?.last
    if (last === undefined) return
    const count = runs.reduce((sum, run) => sum + run.count, 0)
    requireUids(target, count)
    const start = runs[0]?.first ?? first
    const to = { target: target.id, at: target.uidNext, isDense: count === last - start + 1 }
    const modSeq = account.modSeq()
    copyRange(account.database, source.id, { first: start, last }, { ...to, modSeq, saved: savedMs })
    for (const run of runs) noteCopied(account, target, run, copied)
    account.mailboxChanged(target)
    account.changeCounters().placements += count
    if (count < rangeRows) return
    first = last + 1
  }
}

/** The next messages of the range, as many as one statement takes: one run, or each by itself. */
function nextRuns({ database, bulk }: AccountWriter, source: MailboxRow, range: UidRange): readonly PlacementRun[] {
  const run = readCopiedRun(database, source.id, range, bulk.rangeRows)
  if (run) return [run]
  const rows = readRange(database, source.id, range, { mask: 0, shared: false, limit: bulk.rangeRows })
  return rows.map(([uid = 0, firstEmail = 0, flags = 0, sizeBytes = 0]) => {
    return { first: uid, last: uid, count: 1, firstEmail, flags, sizeBytes }
  })
}

function noteCopied(account: AccountWriter, target: MailboxRow, run: PlacementRun, copied: Copied): void {
  const { count, flags, firstEmail: email } = run
  const first = target.uidNext
  addRange(copied.from, run.first, run.last)
  addRange(copied.to, first, first + count - 1)
  account.changes.happened('added', target.id, { first, count, modSeq: account.modSeq(), flags, email })
  // they are shown where they were, with the same flags
  noteAdded(account, flags, false)
  target.uidNext += count
  target.messages += count
  target.sizeBytes += run.sizeBytes
  countFlags(target, flags, count)
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
