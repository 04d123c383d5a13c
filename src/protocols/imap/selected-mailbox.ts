/** The selected mailbox of one session: its view, and what turns sequence sets and flags into values and back. */
import type { Account, Mailbox, UidRange } from '#mail/account.ts'
import type { IndexRange, MailboxView } from '#mail/account-view.ts'
import type { ModSeq, Uid } from '#mail/ids.ts'
import type { Contexts } from './contexts.ts'
import { printFlags, systemFlags, unknownKeywords } from './flags.ts'
import type { Output } from './peer.ts'
import { bad, Refused } from './reply.ts'
import { positionsIn, type ResultRange } from './syntax/result-range.ts'
import { savedResult, star, type SequenceRange, type SequenceSet } from './syntax/sequence-set.ts'
import { maxKeywords } from '#mail/account.ts'

export type { IndexRange }

/** Texts kept for combinations of flags: an account seldom has more than some dozens. */
const flagTextLimit = 1024

export class SelectedMailbox {
  readonly account: Account
  readonly mailbox: Mailbox
  readonly view: MailboxView
  readonly readOnly: boolean
  readonly contexts: Contexts = new Map()
  /** All changes up to here have been told, when later ones have been withheld */
  #toldModSeq: ModSeq | undefined
  #newFrom: Uid
  #keywords: readonly string[]
  readonly #flagTexts = new Map<number, string>()
  /** Ranges of UIDs. What lies between the UIDs of neighbours is gone for ever, and so is what was expunged since. */
  #saved: readonly SequenceRange[] = []

  constructor(account: Account, mailbox: Mailbox, view: MailboxView, readOnly: boolean, keywords: readonly string[]) {
    this.account = account
    this.mailbox = mailbox
    this.view = view
    this.readOnly = readOnly
    this.#keywords = keywords
    this.#newFrom = view.uidNext
  }

  /** Indexes of the messages that have come into the view since this was last asked. */
  takeNew(): readonly number[] {
    const { view } = this
    const first = view.lowerBound(this.#newFrom)
    this.#newFrom = view.uidNext
    return Array.from({ length: view.length - first }, (_, at) => first + at)
  }

  /** The client does not hear of changes after this: NOTIFY without FlagChange. */
  withheld(after: ModSeq): void {
    this.#toldModSeq ??= after
  }

  /** Up to which the client has heard of everything, once it has been told the view's news. */
  get toldModSeq(): ModSeq {
    return this.#toldModSeq ?? this.view.modSeq
  }

  get keywords(): readonly string[] {
    return this.#keywords
  }

  /** Names for packed flags, cached. */
  flagsText(packed: number): string {
    let text = this.#flagTexts.get(packed)
    if (text === undefined) {
      text = printFlags(packed, this.#keywords)
      if (this.#flagTexts.size >= flagTextLimit) this.#flagTexts.clear()
      this.#flagTexts.set(packed, text)
    }
    return text
  }

  /** Every keyword that occurs in `packed` (flags of any messages, or-ed together) has a name, announced by FLAGS. */
  async learnKeywords(packed: number, output: Output): Promise<void> {
    if (!unknownKeywords(packed, this.#keywords)) return
    this.#keywords = await this.account.keywordNames()
    this.#flagTexts.clear()
    output.write(this.flagsResponse())
  }

  flagsResponse(): string {
    return `* FLAGS (${[...systemFlags.map(([name]) => name), ...this.#keywords].join(' ')})\r\n`
  }
  /** RFC 9051 §7.1: `\*` while new keywords may be made */
  permanentFlags(): string {
    if (this.readOnly) return '()'
    const names = [...systemFlags.map(([name]) => name), ...this.#keywords]
    return `(${names.join(' ')}${this.#keywords.length < maxKeywords ? ' \\*' : ''})`
  }

  /** The messages a set names: by UID those that exist, by number only numbers that exist (else BAD), unless `beyond` is allowed. */
  resolve(set: SequenceSet, byUid: boolean, { beyond } = { beyond: false }): readonly IndexRange[] {
    const ranges: IndexRange[] = []
    const isSaved = set === savedResult
    const named = isSaved ? this.#saved : set
    for (const { first, last } of named) {
      const low = Math.min(first, last)
      const high = Math.max(first, last)
      const range = byUid || isSaved ? this.#uidRange(low, high) : this.#numberRange(low, high, beyond)
      if (range.start < range.end) ranges.push(range)
    }
    return joined(ranges)
  }

  /** What `$` names from now on: messages by their indexes, ascending. RFC 5182 §2.1 */
  save(indexes: Iterable<number>): void {
    const saved: { first: number; last: number }[] = []
    let next = -1
    for (const index of indexes) {
      const uid = this.view.uid(index)
      const range = saved.at(-1)
      if (range && index === next) range.last = uid
      else saved.push({ first: uid, last: uid })
      next = index + 1
    }
    this.#saved = saved
  }

  /** The UIDs that a set by UID names, whether there are such messages or not. RFC 7162 §3.2.6 */
  uidRanges(set: SequenceSet): readonly SequenceRange[] {
    if (set === savedResult) return this.#saved
    const { view } = this
    const lastUid = view.length > 0 ? view.uid(view.length - 1) : 0
    return set.map(({ first, last }) => {
      const [low, high] = [Math.min(first, last), Math.max(first, last)]
      // `*` names the last message, and here also what stood behind it
      return high === star ? { first: Math.min(low, lastUid + 1), last: star } : { first: low, last: high }
    })
  }

  #uidRange(low: number, high: number): IndexRange {
    const { view } = this
    if (view.length === 0) return { start: 0, end: 0 }
    // `*` is the last message's UID, and `n:*` names that message even when n is larger (RFC 9051 §9 seq-range)
    const lastUid = view.uid(view.length - 1)
    if (high === star) return { start: view.lowerBound(Math.min(low, lastUid)), end: view.length }
    return { start: view.lowerBound(low), end: view.lowerBound(high + 1) }
  }

  #numberRange(low: number, high: number, beyond: boolean): IndexRange {
    const { length } = this.view
    if (high === star && (low === star || low <= 1 || length > 0)) {
      if (low !== star && low > length) return length === 0 ? { start: 0, end: 0 } : { start: length - 1, end: length }
      return { start: Math.max(0, Math.min(low, length) - 1), end: length }
    }
    // RFC 7377 §2.1: any search may go beyond the end
    if (high > length && beyond) return { start: Math.min(low - 1, length), end: length }
    if (high > length) throw new Refused(bad('There is no message with that number'))
    return { start: low - 1, end: high }
  }

  /** UIDs are given ascending and never again: between the ends of a range are only those of its messages. */
  uidRangesOf(ranges: readonly IndexRange[]): readonly UidRange[] {
    return ranges.map(({ start, end }) => ({ first: this.view.uid(start), last: this.view.uid(end - 1) }))
  }

  uidsOf(ranges: readonly IndexRange[]): readonly Uid[] {
    const uids: Uid[] = []
    for (const { start, end } of ranges)
      for (let index = start; index < end; index += 1) uids.push(this.view.uid(index))
    return uids
  }

  [Symbol.dispose](): void {
    this.view.onNews(undefined)
    this.view[Symbol.dispose]()
  }
}

function joined(ranges: IndexRange[]): readonly IndexRange[] {
  if (ranges.length < 2) return ranges
  ranges.sort((a, b) => a.start - b.start)
  const result: IndexRange[] = []
  for (const range of ranges) {
    const previous = result.at(-1)
    if (previous && range.start <= previous.end)
      result[result.length - 1] = { start: previous.start, end: Math.max(previous.end, range.end) }
    else result.push(range)
  }
  return result
}

/** Those of the messages named that stand at these places, counted through all ranges. RFC 9394 §3.3 */
export function part(ranges: readonly IndexRange[], partial: ResultRange): readonly IndexRange[] {
  const count = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  const wanted = positionsIn(partial, count)
  const parts: IndexRange[] = []
  let before = 0
  for (const range of ranges) {
    const start = range.start + Math.max(0, wanted.start - before)
    const end = Math.min(range.end, range.start + wanted.end - before)
    if (start < end) parts.push({ start, end })
    before += range.end - range.start
  }
  return parts
}

/** By halving: a set of ten thousand single numbers may be asked about as many messages. */
export function contains(ranges: readonly IndexRange[], index: number): boolean {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranges[middle]?.end ?? 0) <= index) low = middle + 1
    else high = middle
  }
  const range = ranges[low]
  return range !== undefined && index >= range.start
}

/** Of indexes that ascend. */
export function rangesOfIndexes(indexes: Iterable<number>): readonly IndexRange[] {
  const ranges: IndexRange[] = []
  for (const index of indexes) {
    const last = ranges.at(-1)
    if (last?.end === index) ranges[ranges.length - 1] = { start: last.start, end: index + 1 }
    else ranges.push({ start: index, end: index + 1 })
  }
  return ranges
}
