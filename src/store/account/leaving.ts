/**
 * Many messages leave at once. Their placements go and tombstones come by ranges; emails that went with their last placement
 * count no more and are shown to nobody from this commit on, and when they are many they are destroyed a little later
 * (doomed.ts).
 */
import type { AccountWriter } from './account-writer.ts'
import { doom } from './doomed.ts'
import { countFlags, deletedFlag, destroyEmail } from './place.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { noteRemoved } from './shown.ts'
import { noteRangeHidden } from './tables/email-back.ts'
import {
  deleteRange,
  insertRangeTombstones,
  type PlacementRun,
  readRange,
  readRun,
  sumOtherPlaces,
  type UidRange,
} from './tables/placement-range.ts'
import { insertTombstone } from './tables/tombstone.ts'
import { addRange } from './uid-ranges.ts'

export class Leaving {
  readonly #account: AccountWriter
  readonly #nowMs: number
  readonly #isMove: boolean
  /** Pairs: ranges of UIDs */
  readonly #uids: number[] = []
  /** Emails that have no placement any more, as pairs in no order; how many they are, and their octets */
  readonly #emails: number[] = []
  #emailCount = 0
  #emailBytes = 0

  /** `isMove`: they have got another place just now, with the same flags */
  constructor(account: AccountWriter, nowMs: number, isMove = false) {
    this.#isMove = isMove
    this.#account = account
    this.#nowMs = nowMs
  }

  /** All placements in the range that have all flags of `mask`. */
  takeOut(mailbox: MailboxRow, range: UidRange, mask = 0): void {
    const { database, bulk } = this.#account
    let limit = bulk.rangeRows
    for (let { first } = range; first <= range.last; ) {
      const part = { first, last: range.last }
      // once all that are marked have been found, the rest of a large mailbox need not be gone through
      if (mask === deletedFlag) limit = Math.min(limit, mailbox.deleted)
      if (limit === 0) return
      const shared = this.#account.counters.placements !== this.#account.counters.emails - this.#emailCount
      const run = readRun(database, mailbox.id, part, mask, limit)
      const isLast = run && this.#areLast(mailbox, run, mask, shared)
      if (run && isLast !== undefined) {
        this.#takeRun(mailbox, run, mask, isLast)
        first = run.last + 1
        limit = Math.min(bulk.rangeRows, 2 * limit)
        continue
      }
      // those with copies mostly lie side by side: a part of the run is alike
      if (run && limit > bulk.eachRows) {
        limit = Math.max(bulk.eachRows, Math.min(limit, run.count) >> 1)
        continue
      }
      const rows = readRange(database, mailbox.id, part, { mask, shared, limit })
      const last = rows.at(-1)?.[0]
      if (last === undefined) return
      this.#takePart(mailbox, { first, last }, mask, rows)
      if (rows.length < limit) return
      first = last + 1
      limit = Math.min(bulk.rangeRows, 2 * limit)
    }
  }

  /** Whether all of them are their emails' last placements, or none is; else undefined. */
  #areLast(mailbox: MailboxRow, run: PlacementRun, mask: number, shared: boolean): boolean | undefined {
    if (!shared) return true
    const { elsewhere, twice } = sumOtherPlaces(this.#account.database, mailbox.id, run, mask)
    if (twice > 0) return undefined
    if (elsewhere === 0) return true
    return elsewhere === run.count ? false : undefined
  }

  /** Neighbours that are alike in all that counts: nobody needs to look at each. */
  #takeRun(mailbox: MailboxRow, run: PlacementRun, mask: number, isLast: boolean): void {
    const account = this.#account
    const modSeq = account.modSeq()
    const { first, last, count } = run
    addRange(this.#uids, first, last)
    noteRemoved(account, run.flags, isLast || this.#hides(mailbox, run, mask))
    if (isLast) this.#loseEmails(run.firstEmail, count, run.sizeBytes)
    account.changes.happened('removed', mailbox.id, { first, count, modSeq, flags: 0, email: 0 })
    mailbox.messages -= count
    mailbox.sizeBytes -= run.sizeBytes
    countFlags(mailbox, run.flags, -count)
    insertRangeTombstones(account.database, mailbox.id, run, { mask, modSeq, isLast, nowMs: this.#nowMs })
    deleteRange(account.database, mailbox.id, run, mask)
    account.mailboxChanged(mailbox)
    account.changeCounters().placements -= count
  }

  /** Whether an email that stays is shown nowhere now: those of its places are left that are marked \Deleted. To be called before they go. */
  #hides(mailbox: MailboxRow, range: UidRange, mask: number): boolean {
    const { counters, database, mailboxes } = this.#account
    if (this.#isMove || mask & deletedFlag || counters.placements === counters.emails - this.#emailCount) return false
    for (const { deleted } of mailboxes)
      if (deleted > 0) return noteRangeHidden(database, mailbox.id, range, { mask, modSeq: this.#account.modSeq() }) > 0
    return false
  }

  #loseEmails(first: number, count: number, sizeBytes: number): void {
    addRange(this.#emails, first, first + count - 1)
    this.#emailCount += count
    this.#emailBytes += sizeBytes
  }

  #takePart(mailbox: MailboxRow, range: UidRange, mask: number, rows: readonly (readonly number[])[]): void {
    const account = this.#account
    const modSeq = account.modSeq()
    const isLast = lastPlacements(rows)
    const hides = this.#hides(mailbox, range, mask)
    for (const [index, [uid = 0, email = 0, flags = 0, sizeBytes = 0]] of rows.entries()) {
      addRange(this.#uids, uid, uid)
      account.changes.removed(mailbox.id, uid, modSeq)
      noteRemoved(account, flags, isLast[index] === true || hides)
      mailbox.messages--
      mailbox.sizeBytes -= sizeBytes
      countFlags(mailbox, flags, -1)
      if (isLast[index]) this.#loseEmails(email, 1, sizeBytes)
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
    for (const [index, [uid = 0, email = 0, flags = 0, , , before]] of rows.entries()) {
      const facts = { mailbox: mailbox.id, modSeq, uid, email, last: isLast[index] ?? false, removed }
      insertTombstone(database, { ...facts, hiddenModSeq: flags & deletedFlag ? before : undefined })
    }
  }

  /** Ranges of the UIDs that left, in order. */
  done(): readonly number[] {
    const emails = this.#emails
    if (this.#emailCount > this.#account.bulk.destroyedAtOnce)
      doom(this.#account, emails, this.#emailCount, this.#emailBytes)
    else
      for (let at = 0; at < emails.length; at += 2)
        for (let id = emails[at] ?? 0; id <= (emails[at + 1] ?? 0); id++) destroyEmail(this.#account, id)
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
