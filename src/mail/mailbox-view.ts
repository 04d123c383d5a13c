/** One session's view of a mailbox: stands still until `advance`. See MailboxView in account.ts. */
import type { MailboxView, ViewNews } from './account.ts'
import type { EmailId, MailboxId, ModSeq, Uid } from './ids.ts'
import { emptyColumns, indexOfUid, lowerBound, type MailboxColumns } from './mailbox-columns.ts'
import type { MailboxHead } from './mailbox-head.ts'

/** So many waiting UIDs are kept one by one; beyond, the columns are compared instead. */
const maxNoted = 5000

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
  #changed: Set<number> | undefined = new Set()
  #removed: number[] | undefined = []
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
    return this.#columns.uids[this.#checked(index)] as Uid
  }

  flags(index: number): number {
    return this.#columns.flags[this.#checked(index)] ?? 0
  }

  modSeqOf(index: number): ModSeq {
    return this.#columns.modSeqs[this.#checked(index)] as ModSeq
  }

  emailId(index: number): EmailId {
    return this.#columns.emailIds[this.#checked(index)] as EmailId
  }

  #checked(index: number): number {
    if (index < 0 || index >= this.#length) throw new RangeError(`There is no message at index ${index}`)
    return index
  }

  isThere(index: number): boolean {
    return this.#removed?.length === 0 || this.#head.has(this.uid(index))
  }

  indexOf(uid: number): number {
    return indexOfUid(this.#columns.uids, this.#length, uid)
  }

  lowerBound(uid: number): number {
    return lowerBound(this.#columns.uids, this.#length, uid)
  }

  get gone(): boolean {
    return this.#head.gone
  }

  get hasNews(): boolean {
    return this.#added || this.#goneNoted || this.#changed?.size !== 0 || this.#removed?.length !== 0
  }

  onNews(listener: (() => void) | undefined): void {
    this.#listener = listener
  }

  // Called by the head, in commit order.

  noteAdded(): void {
    this.#added = true
    this.#newsForListener = true
  }

  noteChanged(uids: ArrayLike<number>): void {
    this.#newsForListener = true
    if (!this.#changed) return
    if (this.#changed.size + uids.length > maxNoted) this.#changed = undefined
    else for (let index = 0; index < uids.length; index++) this.#changed.add(uids[index] ?? 0)
  }

  noteRemoved(uids: ArrayLike<number>, modSeqs: ArrayLike<number>): void {
    this.#newsForListener = true
    this.#firstRemoval = Math.min(this.#firstRemoval, modSeqs[0] ?? Infinity)
    if (!this.#removed) return
    if (this.#removed.length + uids.length > maxNoted) this.#removed = undefined
    else for (let index = 0; index < uids.length; index++) this.#removed.push(uids[index] ?? 0)
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
    const removed = this.#removedIndexes(target)
    const hold = removed.length > 0 && !options.expunges
    this.#columns = hold ? merged(before.columns, before.length, target, before.uidNext) : target
    this.#length = this.#columns.length
    this.#uidNext = this.#head.uidNext
    const expunged = hold
      ? []
      : removed.map((index, count) => ({ index: index - count, uid: this.#uidIn(before, index) }))
    const added = this.#length - this.lowerBound(before.uidNext)
    const changed = this.#changedIndexes(before, this.#length - added)
    this.#modSeq = Math.max(this.#modSeq, hold ? this.#firstRemoval - 1 : this.#head.modSeq)
    this.#added = false
    this.#changed = new Set()
    if (!hold) {
      this.#removed = []
      this.#firstRemoval = Infinity
    }
    return { expunged, added, changed, mailboxGone: this.#head.gone }
  }

  #uidIn(before: { readonly columns: MailboxColumns }, index: number): Uid {
    return before.columns.uids[index] as Uid
  }

  /** Indexes of this view, ascending, that the mailbox no longer has. */
  #removedIndexes(target: MailboxColumns): readonly number[] {
    const indexes: number[] = []
    if (this.#removed) {
      for (const uid of this.#removed) {
        const index = this.indexOf(uid)
        if (index >= 0) indexes.push(index)
      }
      return indexes.sort((a, b) => a - b)
    }
    for (let index = 0, other = 0; index < this.#length; index++) {
      const uid = this.#columns.uids[index] ?? 0
      while (other < target.length && (target.uids[other] ?? 0) < uid) other++
      if (other >= target.length || target.uids[other] !== uid) indexes.push(index)
    }
    return indexes
  }

  /** Indexes below `old` of the new columns whose modseq is not what it was before. */
  #changedIndexes(
    before: { readonly columns: MailboxColumns; readonly length: number },
    old: number,
  ): readonly number[] {
    const indexes: number[] = []
    if (this.#changed) {
      for (const uid of this.#changed) {
        const index = this.indexOf(uid)
        if (index >= 0 && index < old) indexes.push(index)
      }
      return indexes.sort((a, b) => a - b)
    }
    for (let index = 0, other = 0; index < old; index++) {
      const uid = this.#columns.uids[index] ?? 0
      while (other < before.length && (before.columns.uids[other] ?? 0) < uid) other++
      if (before.columns.modSeqs[other] !== this.#columns.modSeqs[index]) indexes.push(index)
    }
    return indexes
  }

  [Symbol.dispose](): void {
    this.#head.views.delete(this)
    this.#listener = undefined
  }
}

const nothingNew: ViewNews = { expunged: [], added: 0, changed: [], mailboxGone: false }

/** What the session has, brought up to date, with the removed messages still in it; then what is new. */
function merged(old: MailboxColumns, length: number, target: MailboxColumns, uidNext: number): MailboxColumns {
  const columns = emptyColumns(length + target.length - lowerBound(target.uids, target.length, uidNext))
  let other = 0
  for (let index = 0; index < length; index++) {
    const uid = old.uids[index] ?? 0
    while (other < target.length && (target.uids[other] ?? 0) < uid) other++
    if (other < target.length && target.uids[other] === uid) columns.put(target, other)
    else columns.put(old, index)
  }
  for (let index = lowerBound(target.uids, target.length, uidNext); index < target.length; index++)
    columns.put(target, index)
  return columns
}
