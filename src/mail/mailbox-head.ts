/**
 * A mailbox as of the last commit, shared by all sessions that have it open. Fed by the writer's notices in commit order;
 * sessions hold views of it that stand still until they advance.
 */
import { type MessageRun, type PackedRuns, runsIn } from '#store/account/message-runs.ts'
import type { KnownFlags, LoadedView, MailboxEvent, UidRanges } from '#store/account/operations.ts'
import type { IndexRange } from './account-view.ts'
import { maxKnownRuns } from './account-limits.ts'
import { MailboxColumns } from './mailbox-columns.ts'
import type { SessionView } from './mailbox-view.ts'

export class MailboxHead {
  readonly mailbox: number
  readonly uidValidity: number
  readonly views = new Set<SessionView>()
  #columns: MailboxColumns
  #uidNext: number
  #modSeq: number
  #gone = false

  constructor(mailbox: number, loaded: LoadedView) {
    this.mailbox = mailbox
    this.uidValidity = loaded.uidValidity
    this.#columns = MailboxColumns.of(loaded)
    this.#uidNext = loaded.uidNext
    this.#modSeq = loaded.modSeq
  }

  get uidNext(): number {
    return this.#uidNext
  }

  get modSeq(): number {
    return this.#modSeq
  }

  get gone(): boolean {
    return this.#gone
  }

  get length(): number {
    return this.#columns.length
  }

  has(uid: number): boolean {
    return this.#columns.indexOf(uid) >= 0
  }

  /** The columns for someone who will keep them. */
  share(): MailboxColumns {
    this.#columns.shared = true
    return this.#columns
  }

  /** Flags of the messages in these ranges, for who changes them; undefined when it would take long to say. */
  known(ranges: UidRanges): KnownFlags | undefined {
    const columns = this.#columns
    const runs: number[] = []
    for (let range = 0; range < ranges.length; range += 2) {
      const end = columns.lowerBound((ranges[range + 1] ?? 0) + 1)
      for (let index = columns.lowerBound(ranges[range] ?? 0); index < end; ) {
        const next = columns.runEnd(index, end, { modSeqs: false })
        runs.push(columns.uid(index), next - index, columns.flags(index))
        if (runs.length > 3 * maxKnownRuns) return undefined
        index = next
      }
    }
    return { modSeq: this.#modSeq, runs }
  }

  /** Takes what one commit did to this mailbox; what a later load already contained is passed over. */
  apply(events: readonly MailboxEvent[]): void {
    this.#applyAll(events)
    for (const view of this.views) view.announce()
  }

  #applyAll(events: readonly MailboxEvent[]): void {
    for (const event of events) if (event.mailbox === this.mailbox) this.#applyOne(event)
  }

  /**
   * Puts a fresh reading in the place of what is here, and what commits did since it began: notices were lost. What is here may
   * know later ones than the reading, and yet not what was lost.
   */
  reload(loaded: LoadedView | undefined, since: readonly (readonly MailboxEvent[])[] = []): void {
    if (!loaded) {
      this.#gone = true
      for (const view of this.views) view.noteGone()
    } else {
      this.#columns = MailboxColumns.of(loaded)
      this.#uidNext = loaded.uidNext
      this.#modSeq = loaded.modSeq
      for (const events of since) this.#applyAll(events)
      for (const view of this.views) view.noteReload()
    }
    for (const view of this.views) view.announce()
  }

  #applyOne({ kind, runs }: MailboxEvent): void {
    if (kind === 'gone') {
      this.#gone = true
      for (const view of this.views) view.noteGone()
      return
    }
    const removed: IndexRange[] = []
    for (const run of runsIn(runs)) {
      if (kind === 'added') this.#add(run)
      if (kind === 'changed') this.#change(run)
      if (kind === 'removed') removed.push(this.#rangeOf(run))
      if (kind !== 'removed') this.#modSeq = Math.max(this.#modSeq, run.modSeq)
    }
    if (kind === 'removed') this.#remove(removed, runs)
  }

  #add(run: MessageRun): void {
    // what a load contained already
    const known = Math.max(0, this.#uidNext - run.first)
    if (known >= run.count) return
    const { first, count, email, modSeq, flags } = run
    this.#columns.append({ first: first + known, count: count - known, email: email + known, modSeq, flags })
    this.#uidNext = first + count
    for (const view of this.views) view.noteAdded()
  }

  #change(run: MessageRun): void {
    const { start, end } = this.#rangeOf(run)
    const { flags, modSeq } = run
    this.#columns = this.#columns.writable()
    const columns = this.#columns
    // one operation may touch a placement twice under one modseq (two placements of an email): the last word counts
    if (modSeq >= this.#modSeq) columns.change(start, end, flags, modSeq)
    else
      for (let index = start; index < end; index++)
        if (columns.modSeq(index) <= modSeq) columns.change(index, index + 1, flags, modSeq)
    for (const view of this.views) view.noteChanged(run)
  }

  #remove(removed: IndexRange[], runs: PackedRuns): void {
    const ranges = joined(removed)
    if (ranges.length > 0) this.#columns = this.#columns.without(ranges)
    for (const run of runsIn(runs)) {
      for (const view of this.views) view.noteRemoved(run)
      this.#modSeq = Math.max(this.#modSeq, run.modSeq)
    }
  }

  #rangeOf({ first, count }: MessageRun): IndexRange {
    return { start: this.#columns.lowerBound(first), end: this.#columns.lowerBound(first + count) }
  }
}

/** Without empty ones, ascending, each index once. */
export function joined(ranges: IndexRange[]): readonly IndexRange[] {
  const found: IndexRange[] = []
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = found.at(-1)
    if (range.start >= range.end) continue
    if (last && range.start <= last.end)
      found[found.length - 1] = { start: last.start, end: Math.max(last.end, range.end) }
    else found.push(range)
  }
  return found
}
