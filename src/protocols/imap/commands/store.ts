import { firstKeywordFlag, isRefusal, type FlagChange, type FlagsChanged } from '#mail/account.ts'
import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { PreparedAnswers } from '../prepared-answers.ts'
import { flagChange } from '../flags.ts'
import { Lines } from '../lines.ts'
import { writeNews } from '../news.ts'
import type { Peer } from '../peer.ts'
import { no, ok, refusal } from '../reply.ts'
import { contains, type IndexRange, type SelectedMailbox } from '../selected-mailbox.ts'
import type { StoreRequest } from '../syntax/request.ts'
import { printNumbers } from '../syntax/sequence-set.ts'
import { fetchStart } from '../uid-only.ts'

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
    const prepared = preparedFor(request, { ranges, change }, selected, peer)
    const { unchangedSince } = request
    const options = unchangedSince === undefined ? {} : { unchangedSince }
    const result = await peer.progress.during({ tag }, () => {
      const changing = account.changeFlags(selected.mailbox.id, selected.uidRangesOf(ranges), change, options)
      return prepared ? prepared.during(changing) : changing
    })
    if (isRefusal(result)) return refusal(result)
    const gone = countGone(selected, ranges)
    // RFC 2180 §4.2.1: OK for .SILENT as long as there is one left
    const isAnyGone = gone > 0 && !(request.silent && gone < countOf(ranges))
    await tellChanges(request, { ranges, change, before, result, prepared }, selected, peer)
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
    for (let index = start; index < end; index += 1) if (!view.isThere(index)) count += 1
  return count
}

function countOf(ranges: readonly IndexRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

type Outcome = {
  readonly ranges: readonly IndexRange[]
  readonly change: FlagChange
  /** Packed flags before, message by message of `ranges`; only for .SILENT */
  readonly before: Uint32Array | undefined
  readonly result: FlagsChanged
  readonly prepared: PreparedAnswers | undefined
}

/** Not where modseqs are told: nobody knows them before. */
function preparedFor(
  request: StoreRequest,
  { ranges, change }: Pick<Outcome, 'ranges' | 'change'>,
  selected: SelectedMailbox,
  { enabled: { condstore, uidOnly } }: Peer,
): PreparedAnswers | undefined {
  if (condstore || request.silent) return undefined
  const expected = expectedFlags(change, selected.keywords)
  return new PreparedAnswers({ selected, ranges, expected, withUid: request.byUid && !uidOnly, uidOnly })
}

function flagsOf({ view }: SelectedMailbox, ranges: readonly IndexRange[]): Uint32Array {
  const flags = new Uint32Array(countOf(ranges))
  let position = 0
  for (const { start, end } of ranges)
    for (let index = start; index < end; index += 1, position += 1) flags[position] = view.flags(index)
  return flags
}

/** The new flags of the messages named, then what else has changed meanwhile. */
async function tellChanges(
  request: StoreRequest,
  outcome: Outcome,
  selected: SelectedMailbox,
  peer: Peer,
): Promise<void> {
  const { view } = selected
  const { output } = peer
  const { condstore, uidOnly } = peer.enabled
  const news = view.advance({ expunges: false })
  let packed = 0
  for (const index of news.changed) packed |= view.flags(index)
  await selected.learnKeywords(packed, output)
  const failed = new Set<number>(Array.from(outcome.result.failed))
  const expected = outcome.before && expectedFlags(outcome.change, selected.keywords)
  // RFC 7162 §3.2.4: with the modseq goes the UID
  const named = !uidOnly && (request.byUid || condstore)
  let ready = failed.size === 0 ? ((await outcome.prepared?.write(output)) ?? 0) : 0
  const lines = new Lines(output)
  let position = 0
  for (const { start, end } of outcome.ranges)
    for (let index = start; index < end; index += 1, position += 1) {
      if (ready > 0) {
        const skipped = Math.min(ready, end - index)
        ready -= skipped
        index += skipped - 1
        position += skipped - 1
        continue
      }
      if (lines.isFull) await lines.room()
      if (failed.size > 0 && failed.has(view.uid(index))) continue
      if (!view.isThere(index)) continue
      const flags = view.flags(index)
      const silent = expected?.(outcome.before?.[position] ?? 0) === flags
      if (silent && !condstore) continue
      // RFC 7162 §3.1.3: MODSEQ even if .SILENT was asked for
      const modSeq = condstore ? `MODSEQ (${view.modSeqOf(index)})${silent ? '' : ' '}` : ''
      const items = `${modSeq}${silent ? '' : `FLAGS (${selected.flagsText(flags)})`}`
      lines.add(`${fetchStart(view, index, uidOnly)}${named ? `UID ${view.uid(index)} ` : ''}${items})\r\n`)
    }
  lines.end()
  const skip = (index: number) => contains(outcome.ranges, index) && !(failed.size > 0 && failed.has(view.uid(index)))
  await writeNews(selected, news, output, { expunges: false, condstore, uidOnly, skip })
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
