/** One session's view of a mailbox: stands still until `advance`. See MailboxView in account.ts. */
import type { MessageRun } from '#store/account/message-runs.ts'
import type { IndexRange, MailboxView, ViewNews } from './account-view.ts'
import type { EmailId, MailboxId, ModSeq, Uid } from './ids.ts'
import { MailboxColumns } from './mailbox-columns.ts'
import { joined, type MailboxHead } from './mailbox-head.ts'

/** So many waiting runs of UIDs are kept; beyond, the columns are compared instead. */
const maxNoted = 5000

type UidRun = { readonly first: number; readonly count: number }

export class SessionView implements MailboxView {
  readonly mailbox: MailboxId
  readonly uidValidity: number
  #head: MailboxHead
  #columns: MailboxColumns
  #length: number
  #uidNext: number
  #modSeq: number
  #listener: (() => void) | undefined
  #newsForListener = false
  #added = false
  #goneNoted = false
  /** Undefined: too many to note */
  #changed: UidRun[] | undefined = []
  #removed: UidRun[] | undefined = []
  /** Modseq of the earliest removal that waits */
  #firstRemoval = Infinity

  constructor(head: MailboxHead) {
    this.mailbox = head.mailbox as MailboxId
    this.uidValidity = head.uidValidity
    this.#head = head
    this.#columns = head.share()
    this.#length = this.#columns.length
    this.#uidNext = head.uidNext
    this.#modSeq = head.modSeq
    head.views.add(this)
  }

  get uidNext(): Uid {
    return this.#uidNext as Uid
  }

  get modSeq(): ModSeq {
    return this.#modSeq as ModSeq
  }

  get length(): number {
    return this.#length
  }

  uid(index: number): Uid {
    return this.#columns.uid(this.#checked(index)) as Uid
  }

  flags(index: number): number {
    return this.#columns.flags(this.#checked(index))
  }

  modSeqOf(index: number): ModSeq {
    return this.#columns.modSeq(this.#checked(index)) as ModSeq
  }

  emailId(index: number): EmailId {
    return this.#columns.emailId(this.#checked(index)) as EmailId
  }

  #checked(index: number): number {
    if (index < 0 || index >= this.#length) throw new RangeError(`There is no message at index ${index}`)
    return index
  }

  isThere(index: number): boolean {
    return this.#removed?.length === 0 || this.#head.has(this.uid(index))
  }

  areThere(start: number, end: number): boolean {
    if (this.#removed?.length === 0) return true
    for (let index = start; index < end; index++) if (!this.#head.has(this.uid(index))) return false
    return true
  }

  allFlags(start: number, end: number): number {
    return start < end ? this.#columns.allFlags(start, this.#checked(end - 1) + 1) : 0
  }

  runEnd(start: number, end: number): number {
    return start < end ? this.#columns.runEnd(this.#checked(start), this.#checked(end - 1) + 1) : end
  }

  indexOf(uid: number): number {
    return this.#columns.indexOf(uid, this.#length)
  }

  lowerBound(uid: number): number {
    return this.#columns.lowerBound(uid, this.#length)
  }

  get gone(): boolean {
    return this.#head.gone
  }

  get hasNews(): boolean {
    return this.#added || this.#goneNoted || this.#changed?.length !== 0 || this.#removed?.length !== 0
  }

  onNews(listener: (() => void) | undefined): void {
    this.#listener = listener
  }

  // Called by the head, in commit order.

  noteAdded(): void {
    this.#added = true
    this.#newsForListener = true
  }

  noteChanged(run: MessageRun): void {
    this.#newsForListener = true
    if (this.#changed) this.#changed = noted(this.#changed, run)
  }

  noteRemoved(run: MessageRun): void {
    this.#newsForListener = true
    this.#firstRemoval = Math.min(this.#firstRemoval, run.modSeq)
    if (this.#removed) this.#removed = noted(this.#removed, run)
  }

  noteGone(): void {
    this.#goneNoted = true
    this.#newsForListener = true
  }

  /** The head has been read anew: what happened in between has to be found by comparing. */
  noteReload(): void {
    this.#newsForListener = true
    this.#added = true
    this.#changed = undefined
    this.#removed = undefined
    this.#firstRemoval = Math.min(this.#firstRemoval, this.#modSeq + 1)
  }

  announce(): void {
    if (!this.#newsForListener) return
    this.#newsForListener = false
    this.#listener?.()
  }

  advance(options: { readonly expunges: boolean }): ViewNews {
    if (!this.hasNews) {
      // Other mailboxes may have moved the account's modseq on
      this.#modSeq = Math.max(this.#modSeq, this.#head.modSeq)
      return nothingNew
    }
    const before = { columns: this.#columns, length: this.#length, uidNext: this.#uidNext }
    const target = this.#head.share()
    const removed = this.#removedRanges(target)
    const hold = removed.length > 0 && !options.expunges
    this.#columns = hold ? merged(before, target, removed) : target
    this.#length = this.#columns.length
    this.#uidNext = this.#head.uidNext
    const ranges = hold ? [] : removed
    const added = this.#length - this.lowerBound(before.uidNext)
    const changed = this.#changedRanges(before, this.#length - added)
    this.#modSeq = Math.max(this.#modSeq, hold ? this.#firstRemoval - 1 : this.#head.modSeq)
    this.#added = false
    this.#changed = []
    if (!hold) {
      this.#removed = []
      this.#firstRemoval = Infinity
    }
    return { expunged: { ranges, uids: before.columns.uidsIn(ranges) }, added, changed, mailboxGone: this.#head.gone }
  }

  /** Indexes of this view that the mailbox no longer has. */
  #removedRanges(target: MailboxColumns): readonly IndexRange[] {
    if (this.#removed) return joined(this.#removed.map(run => this.#rangeOf(run)))
    const ranges: IndexRange[] = []
    for (let index = 0, other = 0; index < this.#length; index++) {
      const uid = this.#columns.uid(index)
      while (other < target.length && target.uid(other) < uid) other++
      if (other >= target.length || target.uid(other) !== uid) addIndex(ranges, index)
    }
    return ranges
  }

  #rangeOf({ first, count }: UidRun): IndexRange {
    return { start: this.lowerBound(first), end: this.lowerBound(first + count) }
  }

  /** Indexes below `old` of the new columns whose modseq is not what it was before. */
  #changedRanges(before: Before, old: number): readonly IndexRange[] {
    if (this.#changed) {
      const found = this.#changed.map(run => this.#rangeOf(run))
      return joined(found.map(({ start, end }) => ({ start, end: Math.min(end, old) })))
    }
    const ranges: IndexRange[] = []
    for (let index = 0, other = 0; index < old; index++) {
      const uid = this.#columns.uid(index)
      while (other < before.length && before.columns.uid(other) < uid) other++
      if (before.columns.modSeq(other) !== this.#columns.modSeq(index)) addIndex(ranges, index)
    }
    return ranges
  }

  [Symbol.dispose](): void {
    this.#head.views.delete(this)
    this.#listener = undefined
  }
}

type Before = { readonly columns: MailboxColumns; readonly length: number; readonly uidNext: number }

const nothingExpunged = { ranges: [], uids: new Uint32Array(0) } as const
const nothingNew: ViewNews = { expunged: nothingExpunged, added: 0, changed: [], mailboxGone: false }

/** With one more; what goes on from the last is joined with it. Undefined when they are too many to be noted. */
function noted(runs: UidRun[], { first, count }: UidRun): UidRun[] | undefined {
  const last = runs.at(-1)
  if (last && last.first + last.count === first)
    runs[runs.length - 1] = { first: last.first, count: last.count + count }
  else runs.push({ first, count })
  return runs.length > maxNoted ? undefined : runs
}

function addIndex(ranges: IndexRange[], index: number): void {
  const last = ranges.at(-1)
  if (last && last.end === index) ranges[ranges.length - 1] = { start: last.start, end: index + 1 }
  else ranges.push({ start: index, end: index + 1 })
}

/** What the session has, brought up to date, with the removed messages still in it; then what is new. */
function merged(old: Before, target: MailboxColumns, removed: readonly IndexRange[]): MailboxColumns {
  const columns = new MailboxColumns()
  // what stands between two removed ones, stands in the target without them
  let lost = 0
  let from = 0
  for (const { start, end } of removed) {
    columns.take(target, from - lost, start - lost)
    columns.take(old.columns, start, end)
    lost += end - start
    from = end
  }
  columns.take(target, from - lost, target.length)
  return columns
}
