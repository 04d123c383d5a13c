import { firstKeywordFlag, isRefusal, type FlagChange, type FlagsChanged } from '#mail/account.ts'
import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { flagChange } from '../flags.ts'
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
  async run(request, session, peer) {
    const { account, selected } = session
    if (selected.readOnly) return no(undefined, 'The mailbox is selected read-only')
    if (request.unchangedSince !== undefined) enableCondstore(session, peer)
    const ranges = selected.resolve(request.messages, request.byUid)
    const change = flagChange(request.mode, request.flags)
    const before = request.silent ? flagsOf(selected, ranges) : undefined
    const { unchangedSince } = request
    const options = unchangedSince === undefined ? {} : { unchangedSince }
    const result = await account.changeFlags(selected.mailbox.id, selected.uidsOf(ranges), change, options)
    if (isRefusal(result)) return refusal(result)
    await tellChanges(request, { ranges, change, before, result }, selected, peer)
    if (result.failed.length === 0) return ok('STORE completed')
    const failed = request.byUid ? result.failed : result.failed.map(uid => selected.view.indexOf(uid) + 1)
    return ok('Conditional STORE failed', `MODIFIED ${printNumbers(failed)}`)
  },
} satisfies Command<'STORE', 'selected'>

type Outcome = {
  readonly ranges: readonly IndexRange[]
  readonly change: FlagChange
  /** Packed flags before, message by message of `ranges`; only for .SILENT */
  readonly before: Uint32Array | undefined
  readonly result: FlagsChanged
}

function flagsOf(selected: SelectedMailbox, ranges: readonly IndexRange[]): Uint32Array {
  const flags: number[] = []
  for (const { start, end } of ranges) for (let at = start; at < end; at += 1) flags.push(selected.view.flags(at))
  return Uint32Array.from(flags)
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
  const failed = new Set<number>(outcome.result.failed)
  const expected = outcome.before && expectedFlags(outcome.change, selected.keywords)
  let position = 0
  for (const { start, end } of outcome.ranges)
    for (let index = start; index < end; index += 1, position += 1) {
      const uid = view.uid(index)
      if (failed.has(uid)) continue
      const silent = expected?.(outcome.before?.[position] ?? 0) === view.flags(index)
      if (silent && !condstore) continue
      // RFC 7162 §3.2: who resynchronizes by UID is told the UID
      const uidItem = !uidOnly && (request.byUid || peer.enabled.qresync) ? `UID ${uid} ` : ''
      // RFC 7162 §3.1.3: MODSEQ even if .SILENT was asked for
      const items = silent ? [] : [`FLAGS (${selected.flagsText(view.flags(index))})`]
      if (condstore) items.unshift(`MODSEQ (${view.modSeqOf(index)})`)
      output.write(`${fetchStart(view, index, uidOnly)}${uidItem}${items.join(' ')})\r\n`)
      if (output.isFull) await output.room()
    }
  const skip = (index: number) => contains(outcome.ranges, index) && !failed.has(view.uid(index))
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
