/**
 * Many messages leave at once. Their placements go and tombstones come by ranges; emails that went with their last placement
 * count no more and are shown to nobody from this commit on, and when they are many they are destroyed a little later
 * (doomed.ts).
 */
import type { AccountWriter } from './account-writer.ts'
import { doom } from './doomed.ts'
import { countFlags, destroyEmail } from './place.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import {
  deleteRange,
  insertRangeTombstones,
  type PlacementRun,
  readRange,
  readRun,
  type UidRange,
} from './tables/placement-range.ts'
import { insertTombstone } from './tables/tombstone.ts'

export class Leaving {
  readonly #account: AccountWriter
  readonly #nowMs: number
  readonly #uids: number[] = []
  /** Emails that have no placement any more, and their octets */
  readonly #emails: number[] = []
  #emailBytes = 0

  constructor(account: AccountWriter, nowMs: number) {
    this.#account = account
    this.#nowMs = nowMs
  }

  /** All placements in the range that have all flags of `mask`. */
  takeOut(mailbox: MailboxRow, range: UidRange, mask = 0): void {
    const { database } = this.#account
    for (let { first } = range; first <= range.last; ) {
      const part = { first, last: range.last }
      const shared = this.#account.counters.placements !== this.#account.counters.emails - this.#emails.length
      const run = shared ? undefined : readRun(database, mailbox.id, part, mask, this.#account.bulk.rangeRows)
      if (run) {
        this.#takeRun(mailbox, run, mask)
        first = run.last + 1
        continue
      }
      const rows = readRange(database, mailbox.id, part, { mask, shared, limit: this.#account.bulk.rangeRows })
      const last = rows.at(-1)?.[0]
      if (last === undefined) return
      this.#takePart(mailbox, { first, last }, mask, rows)
      if (rows.length < this.#account.bulk.rangeRows) return
      first = last + 1
    }
  }

  /** Neighbours that are alike in all that counts: nobody needs to look at each. */
  #takeRun(mailbox: MailboxRow, run: PlacementRun, mask: number): void {
    const account = this.#account
    const modSeq = account.modSeq()
    for (let uid = run.first; uid <= run.last; uid++) this.#uids.push(uid)
    for (let id = run.firstEmail; id < run.firstEmail + run.count; id++) this.#emails.push(id)
    this.#emailBytes += run.sizeBytes
    account.changes.removedRun(mailbox.id, run.first, run.count, modSeq)
    mailbox.messages -= run.count
    mailbox.sizeBytes -= run.sizeBytes
    countFlags(mailbox, run.flags, -run.count)
    insertRangeTombstones(account.database, mailbox.id, run, { mask, modSeq, isLast: true, nowMs: this.#nowMs })
    deleteRange(account.database, mailbox.id, run, mask)
    account.mailboxChanged(mailbox)
    account.changeCounters().placements -= run.count
  }

  #takePart(mailbox: MailboxRow, range: UidRange, mask: number, rows: readonly (readonly number[])[]): void {
    const account = this.#account
    const modSeq = account.modSeq()
    const isLast = lastPlacements(rows)
    for (const [index, [uid = 0, email = 0, flags = 0, sizeBytes = 0]] of rows.entries()) {
      this.#uids.push(uid)
      account.changes.removed(mailbox.id, uid, modSeq)
      mailbox.messages--
      mailbox.sizeBytes -= sizeBytes
      countFlags(mailbox, flags, -1)
      if (!isLast[index]) continue
      this.#emails.push(email)
      this.#emailBytes += sizeBytes
    }
    this.#bury(mailbox, range, { mask, modSeq, isLast, rows })
    deleteRange(account.database, mailbox.id, range, mask)
    account.mailboxChanged(mailbox)
    account.changeCounters().placements -= rows.length
  }

  #bury(
    mailbox: MailboxRow,
    range: UidRange,
    what: { mask: number; modSeq: number; isLast: readonly boolean[]; rows: readonly (readonly number[])[] },
  ): void {
    const { mask, modSeq, isLast, rows } = what
    const { database } = this.#account
    const removed = this.#nowMs
    const [first = false] = isLast
    if (isLast.every(one => one === first))
      return insertRangeTombstones(database, mailbox.id, range, { mask, modSeq, isLast: first, nowMs: removed })
    for (const [index, [uid = 0, email = 0]] of rows.entries())
      insertTombstone(database, { mailbox: mailbox.id, modSeq, uid, email, last: isLast[index] ?? false, removed })
  }

  /** The UIDs that left, in order. */
  done(): readonly number[] {
    if (this.#emails.length <= this.#account.bulk.destroyedAtOnce)
      for (const email of this.#emails) destroyEmail(this.#account, email)
    else doom(this.#account, this.#emails, this.#emailBytes)
    return this.#uids
  }
}

/** Whether each takes the last placement of its email, were they removed one after the other. */
function lastPlacements(rows: readonly (readonly number[])[]): readonly boolean[] {
  const removed = new Map<number, number>()
  return rows.map(([, email = 0, , , placements = 1]) => {
    if (placements === 1) return true
    const count = (removed.get(email) ?? 0) + 1
    removed.set(email, count)
    return count === placements
  })
}
