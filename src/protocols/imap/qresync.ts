/** Quick resynchronization: which messages have vanished. RFC 7162 §3.2 */
import type { ModSeq } from '#mail/ids.ts'
import type { Output } from './peer.ts'
import type { SelectedMailbox } from './selected-mailbox.ts'
import type { Resync } from './syntax/request.ts'
import type { SequenceRange } from './syntax/sequence-set.ts'

/** A line stays shorter than what clients take for one. */
const rangesPerLine = 400

/** Writes ascending ranges as VANISHED responses. */
export async function writeVanished(ranges: Iterable<SequenceRange>, output: Output, earlier: boolean): Promise<void> {
  let parts: string[] = []
  const line = () => `* VANISHED ${earlier ? '(EARLIER) ' : ''}${parts.join(',')}\r\n`
  for (const { first, last } of ranges) {
    parts.push(first === last ? String(first) : `${first}:${last}`)
    if (parts.length < rangesPerLine) continue
    output.write(line())
    parts = []
    if (output.isFull) await output.room()
  }
  if (parts.length > 0) output.write(line())
}

/** Neighbours joined; `numbers` in any order. */
export function rangesOf(numbers: readonly number[]): readonly SequenceRange[] {
  return [...rangesIn([...numbers].sort((a, b) => a - b))]
}

/** The same of numbers that ascend. */
export function* rangesIn(numbers: ArrayLike<number>): Generator<SequenceRange> {
  for (let at = 0; at < numbers.length; ) {
    const first = numbers[at] ?? 0
    let last = first
    for (at += 1; at < numbers.length && (numbers[at] ?? 0) <= last + 1; at += 1) last = numbers[at] ?? 0
    yield { first, last }
  }
}

/**
 * Writes VANISHED (EARLIER) for those of `known` that were removed after `since`. Where tombstones no longer reach so far, for
 * all of `known` that are not there (§3.2.5.1: more than necessary is allowed), beginning after `intactTo`.
 */
export async function writeVanishedSince(
  selected: SelectedMailbox,
  known: readonly SequenceRange[],
  since: number,
  output: Output,
  intactTo = 0,
): Promise<void> {
  const { view } = selected
  const { uids, complete } = await selected.account.expungedSince(selected.mailbox.id, since as ModSeq)
  const asked = normalized(known, view.uidNext - 1)
  // removed since the view was made: it stands in the view, and is told as news
  const vanished = complete
    ? within(rangesOf(uids.filter(uid => view.indexOf(uid) < 0)), asked)
    : gaps(selected, asked, intactTo)
  await writeVanished(vanished, output, true)
}

/**
 * Up to which UID nothing has been removed since the client counted: where the number and the UID of one message still
 * belong together, all before it are the same. §3.2.5.2
 */
export function intactTo({ view }: SelectedMailbox, matches: Resync['matches']): number {
  if (!matches) return 0
  let intact = 0
  const uids = each(matches.uids)
  for (const number of each(matches.numbers)) {
    const uid = uids.next().value
    if (uid === undefined || number > view.length || view.uid(number - 1) !== uid) break
    intact = uid
  }
  return intact
}

function* each(ranges: readonly SequenceRange[]): Generator<number, undefined> {
  for (const { first, last } of ranges) for (let number = first; number <= last; number += 1) yield number
  return undefined
}

/** Ascending, joined, nothing above `highest`. */
function normalized(ranges: readonly SequenceRange[], highest: number): readonly SequenceRange[] {
  const sorted = ranges
    .map(({ first, last }) => ({ first: Math.min(first, last), last: Math.min(Math.max(first, last), highest) }))
    .filter(({ first, last }) => first <= last)
    .sort((a, b) => a.first - b.first)
  const joined: { first: number; last: number }[] = []
  for (const range of sorted) {
    const previous = joined.at(-1)
    if (previous && range.first <= previous.last + 1) previous.last = Math.max(previous.last, range.last)
    else joined.push({ ...range })
  }
  return joined
}

/** What both hold; both ascending. */
function* within(a: readonly SequenceRange[], b: readonly SequenceRange[]): Generator<SequenceRange> {
  for (let i = 0, j = 0; ; ) {
    const [one, other] = [a[i], b[j]]
    if (!one || !other) return
    const first = Math.max(one.first, other.first)
    const last = Math.min(one.last, other.last)
    if (first <= last) yield { first, last }
    if (one.last < other.last) i += 1
    else j += 1
  }
}

/** UIDs of `asked` above `after` that no message has. */
function* gaps({ view }: SelectedMailbox, asked: readonly SequenceRange[], after: number): Generator<SequenceRange> {
  for (const range of asked) {
    let first = Math.max(range.first, after + 1)
    for (let index = view.lowerBound(first); index < view.length; index += 1) {
      const uid = view.uid(index)
      if (uid > range.last) break
      if (uid > first) yield { first, last: uid - 1 }
      first = uid + 1
    }
    if (first <= range.last) yield { first, last: range.last }
  }
}
