/**
 * A mailbox as of the last commit, shared by all sessions that have it open. Fed by the writer's notices in commit order;
 * sessions hold views of it that stand still until they advance.
 */
import type { KnownFlags, LoadedView, MailboxEvent, UidRanges } from '#store/account/operations.ts'
import { maxKnownRuns } from './account-limits.ts'
import { indexOfUid, lowerBound, MailboxColumns } from './mailbox-columns.ts'
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
    this.#columns = new MailboxColumns(loaded)
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
    return indexOfUid(this.#columns.uids, this.#columns.length, uid) >= 0
  }

  /** The columns for someone who will keep them. */
  share(): MailboxColumns {
    this.#columns.shared = true
    return this.#columns
  }

  /** Flags of the messages in these ranges, for who changes them; undefined when it would take long to say. */
  known(ranges: UidRanges): KnownFlags | undefined {
    const { uids, flags, length } = this.#columns
    const runs: number[] = []
    for (let range = 0; range < ranges.length; range += 2) {
      const last = ranges[range + 1] ?? 0
      let index = lowerBound(uids, length, ranges[range] ?? 0)
      while (index < length && (uids[index] ?? 0) <= last) {
        const start = index
        const first = uids[start] ?? 0
        while (++index < length && uids[index] === first + index - start && flags[index] === flags[start])
          if (first + index - start > last) break
        runs.push(first, index - start, flags[start] ?? 0)
        if (runs.length > 3 * maxKnownRuns) return undefined
      }
    }
    return { modSeq: this.#modSeq, runs }
  }

  /** Takes what one commit did to this mailbox; what a later load already contained is passed over. */
  apply(events: readonly MailboxEvent[]): void {
    for (const event of events) {
      if (event.mailbox !== this.mailbox) continue
      this.#applyOne(event)
      this.#modSeq = Math.max(this.#modSeq, event.modSeqs[event.modSeqs.length - 1] ?? 0)
    }
    for (const view of this.views) view.announce()
  }

  /** Puts a fresh reading in the place of what is here: notices were lost. */
  reload(loaded: LoadedView | undefined): void {
    if (!loaded) {
      this.#gone = true
      for (const view of this.views) view.noteGone()
    } else if (loaded.modSeq >= this.#modSeq) {
      this.#columns = new MailboxColumns(loaded)
      this.#uidNext = loaded.uidNext
      this.#modSeq = loaded.modSeq
      for (const view of this.views) view.noteReload()
    }
    for (const view of this.views) view.announce()
  }

  #applyOne(event: MailboxEvent): void {
    switch (event.kind) {
      case 'added':
        return this.#add(event)
      case 'changed':
        return this.#change(event)
      case 'removed':
        return this.#remove(event)
      case 'gone':
        this.#gone = true
        for (const view of this.views) view.noteGone()
    }
  }

  #add(event: MailboxEvent): void {
    for (let index = 0; index < event.uids.length; index++) {
      const uid = event.uids[index] ?? 0
      if (uid < this.#uidNext) continue
      this.#columns = this.#columns.append(
        uid,
        event.flags[index] ?? 0,
        event.modSeqs[index] ?? 0,
        event.emailIds[index] ?? 0,
      )
      this.#uidNext = uid + 1
    }
    for (const view of this.views) view.noteAdded()
  }

  #change(event: MailboxEvent): void {
    this.#columns = this.#columns.writable()
    const { uids, flags, modSeqs, length } = this.#columns
    let at = -1
    for (let index = 0; index < event.uids.length; index++) {
      at = nextIndexOf(uids, length, event.uids[index] ?? 0, at)
      const modSeq = event.modSeqs[index] ?? 0
      // one operation may touch a placement twice under one modseq (two placements of an email): the last word counts
      if (at < 0 || (modSeqs[at] ?? 0) > modSeq) continue
      flags[at] = event.flags[index] ?? 0
      modSeqs[at] = modSeq
    }
    for (const view of this.views) view.noteChanged(event.uids)
  }

  #remove(event: MailboxEvent): void {
    const { uids, length } = this.#columns
    const indexes: number[] = []
    let at = -1
    for (let index = 0; index < event.uids.length; index++) {
      at = nextIndexOf(uids, length, event.uids[index] ?? 0, at)
      if (at >= 0) indexes.push(at)
    }
    if (indexes.length > 0) this.#columns = this.#columns.without(indexes.sort((a, b) => a - b))
    for (const view of this.views) view.noteRemoved(event.uids, event.modSeqs)
  }
}

/** Events mostly run along the mailbox: the neighbour of the last find is tried first. */
function nextIndexOf(uids: Uint32Array, length: number, uid: number, last: number): number {
  return last + 1 < length && uids[last + 1] === uid ? last + 1 : indexOfUid(uids, length, uid)
}
