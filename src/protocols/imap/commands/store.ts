import { firstKeywordFlag, isRefusal, type FlagChange, type FlagsChanged } from '#mail/account.ts'
import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { flagChange } from '../flags.ts'
import { writeFlags } from '../flag-responses.ts'
import { writeNews } from '../news.ts'
import type { Peer } from '../peer.ts'
import { no, ok, refusal } from '../reply.ts'
import { type IndexRange, rangesOfIndexes, type SelectedMailbox } from '../selected-mailbox.ts'
import type { StoreRequest } from '../syntax/request.ts'
import { printNumbers } from '../syntax/sequence-set.ts'

/** STORE. RFC 9051 §6.4.6, UNCHANGEDSINCE RFC 7162 §3.1.3 */
export const store = {
  name: 'STORE',
  states: mailboxSelected,
  async run(request, session, peer, tag) {
    const { account, selected } = session
    if (selected.readOnly) return no(undefined, 'The mailbox is selected read-only')
    if (request.unchangedSince !== undefined) enableCondstore(session, peer)
    const ranges = selected.resolve(request.messages, request.byUid)
    const change = flagChange(request.mode, request.flags)
    const before = request.silent ? flagsOf(selected, ranges) : undefined
    const { unchangedSince } = request
    const options = unchangedSince === undefined ? {} : { unchangedSince }
    const result = await peer.progress.during({ tag }, () =>
      account.changeFlags(selected.mailbox.id, selected.uidRangesOf(ranges), change, options),
    )
    if (isRefusal(result)) return refusal(result)
    const gone = countGone(selected, ranges)
    // RFC 2180 §4.2.1: OK for .SILENT as long as there is one left
    const isAnyGone = gone > 0 && !(request.silent && gone < countOf(ranges))
    await tellChanges(request, { ranges, change, before, result }, selected, peer)
    if (result.failed.length === 0)
      return isAnyGone ? no('EXPUNGEISSUED', 'Some of the messages no longer exist') : ok('STORE completed')
    const failed = request.byUid ? result.failed : Array.from(result.failed, uid => selected.view.indexOf(uid) + 1)
    const code = `MODIFIED ${printNumbers(failed)}`
    // RFC 7162 §3.1.3
    return isAnyGone ? no(code, 'Some of the messages no longer exist') : ok('Conditional STORE failed', code)
  },
} satisfies Command<'STORE', 'selected'>

/** Those that another session has expunged or moved: nothing is told of them. RFC 2180 §4.2 */
function countGone({ view }: SelectedMailbox, ranges: readonly IndexRange[]): number {
  let count = 0
  for (const { start, end } of ranges)
    if (!view.areThere(start, end))
      for (let index = start; index < end; index += 1) if (!view.isThere(index)) count += 1
  return count
}

function countOf(ranges: readonly IndexRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

/** Neighbours with the same flags */
type FlagRun = IndexRange & { readonly flags: number }

type Outcome = {
  readonly ranges: readonly IndexRange[]
  readonly change: FlagChange
  /** Flags before, of all in `ranges`; only for .SILENT */
  readonly before: readonly FlagRun[] | undefined
  readonly result: FlagsChanged
}

function flagsOf({ view }: SelectedMailbox, ranges: readonly IndexRange[]): readonly FlagRun[] {
  const runs: FlagRun[] = []
  for (const { start, end } of ranges)
    for (let index = start; index < end; ) {
      const next = view.runEnd(index, end)
      const flags = view.flags(index)
      const last = runs.at(-1)
      if (last && last.end === index && last.flags === flags) runs[runs.length - 1] = { ...last, end: next }
      else runs.push({ start: index, end: next, flags })
      index = next
    }
  return runs
}

/** The new flags of the messages named, then what else has changed meanwhile. */
async function tellChanges(
  request: StoreRequest,
  { ranges, change, before, result }: Outcome,
  selected: SelectedMailbox,
  peer: Peer,
): Promise<void> {
  const { output } = peer
  const { condstore, uidOnly } = peer.enabled
  const news = selected.view.advance({ expunges: false })
  let packed = 0
  for (const { start, end } of news.changed) packed |= selected.view.allFlags(start, end)
  await selected.learnKeywords(packed, output)
  const failed = new Set<number>(Array.from(result.failed))
  const asked = failed.size === 0 ? ranges : which(ranges, index => !failed.has(selected.view.uid(index)))
  const named = thereOf(selected, asked)
  // RFC 7162 §3.2.4: with the modseq goes the UID
  const naming = { withUid: !uidOnly && (request.byUid || condstore), condstore, uidOnly }
  const runs: Iterable<ToldRange> = before
    ? silenced(selected, named, before, expectedFlags(change, selected.keywords))
    : named
  // RFC 7162 §3.1.3: MODSEQ even if .SILENT was asked for
  for (const { start, end, silent } of runs)
    if (!silent || condstore) await writeFlags(selected, start, end, { ...naming, silent }, output)
  await writeNews(selected, news, output, { expunges: false, condstore, uidOnly, skip: asked })
}

type ToldRange = IndexRange & { readonly silent?: boolean }

function thereOf({ view }: SelectedMailbox, ranges: readonly IndexRange[]): readonly IndexRange[] {
  return ranges.every(({ start, end }) => view.areThere(start, end))
    ? ranges
    : which(ranges, index => view.isThere(index))
}

function which(ranges: readonly IndexRange[], isWanted: (index: number) => boolean): readonly IndexRange[] {
  return rangesOfIndexes(indexesIn(ranges, isWanted))
}

function* indexesIn(ranges: readonly IndexRange[], isWanted: (index: number) => boolean): Generator<number> {
  for (const { start, end } of ranges) for (let index = start; index < end; index += 1) if (isWanted(index)) yield index
}

/** Cut to where flags are as the client expects, and where they are not. Both lists ascend, and all of `named` is in `before`. */
function* silenced(
  { view }: SelectedMailbox,
  named: readonly IndexRange[],
  before: readonly FlagRun[],
  expected: (before: number) => number,
): Generator<ToldRange> {
  let at = 0
  for (const { start, end } of named)
    for (let index = start; index < end; ) {
      while ((before[at]?.end ?? Infinity) <= index) at += 1
      const run = before[at]
      const next = view.runEnd(index, Math.min(end, run?.end ?? end))
      yield { start: index, end: next, silent: expected(run?.flags ?? 0) === view.flags(index) }
      index = next
    }
}

/** What the flags must be when nobody else has changed them: then .SILENT has nothing to say. */
function expectedFlags(change: FlagChange, keywords: readonly string[]): (before: number) => number {
  const wanted = new Set(change.keywords.map(keyword => keyword.toLowerCase()))
  let mask = change.system
  keywords.forEach((keyword, index) => {
    if (wanted.has(keyword.toLowerCase())) mask |= firstKeywordFlag << index
  })
  return before => {
    const after = change.mode === 'add' ? before | mask : change.mode === 'remove' ? before & ~mask : mask
    return after >>> 0
  }
}
