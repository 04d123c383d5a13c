import { seenFlag } from '#mail/account.ts'
import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { Batches } from '../fetch/batch.ts'
import { decodeParts } from '../fetch/binary.ts'
import { Opened } from '../fetch/opened.ts'
import { planFetch, type FetchPlan } from '../fetch/plan.ts'
import { isReady, isThere, printViewItem, writeMessage } from '../fetch/write.ts'
import { Lines } from '../lines.ts'
import { writeNews } from '../news.ts'
import { catchUp } from '../notify/interests.ts'
import type { Peer } from '../peer.ts'
import { writeVanishedSince } from '../qresync.ts'
import { bad, no, ok, type Reply } from '../reply.ts'
import { part, type IndexRange, rangesOfIndexes } from '../selected-mailbox.ts'
import type { Selected } from '../session.ts'
import { fetchStart } from '../uid-only.ts'

/** FETCH. RFC 9051 §6.4.5, CHANGEDSINCE RFC 7162 §3.1.4.1 */
export const fetch = {
  name: 'FETCH',
  states: mailboxSelected,
  async run(request, session, peer) {
    const { selected } = session
    if (request.vanished && !peer.enabled.qresync) return bad('QRESYNC has not been enabled')
    const plan = planFetch(request, peer.enabled)
    const asksModSeq = plan.items.some(planned => planned.from === 'view' && planned.item === 'MODSEQ')
    if (asksModSeq) enableCondstore(session, peer)
    // first what went earlier: what is still in the view is told as news
    if (request.vanished) {
      const known = selected.uidRanges(request.messages)
      await writeVanishedSince(selected, known, request.changedSince ?? 0, peer.output)
    }
    const looksBack = plan.marksSeen || request.changedSince !== undefined
    if (looksBack) await catchUp(session, peer, { expunges: request.byUid })
    const named = selected.resolve(request.messages, request.byUid)
    const ranges = request.partial ? part(named, request.partial) : named
    const indexes = indexesOf(ranges, session, request.changedSince ?? -1)
    // RFC 8970 §8
    if (plan.needsPreview === 'yes') peer.log.debug('Previews are fetched', { account: session.account.id })
    const failed = await writeFetched(plan, indexes, session, peer)
    // RFC 2180 §4.1.2, RFC 5530 §3, RFC 3516 §4.3: the others have been told
    return failed ? failures[failed] : ok('FETCH completed')
  },
} satisfies Command<'FETCH', 'selected'>

type Failure = 'missing' | 'unknown-cte'

const failures: Readonly<Record<Failure, Reply>> = {
  missing: no('EXPUNGEISSUED', 'Some of the messages no longer exist'),
  'unknown-cte': no('UNKNOWN-CTE', 'Some of the parts have an encoding that is not known here'),
}

/** The FETCH responses. Returns why a message could not be answered. */
export async function writeFetched(
  plan: FetchPlan,
  indexes: Iterable<number>,
  session: Selected,
  peer: Peer,
): Promise<Failure | undefined> {
  const needsStore = plan.needsRow || plan.needsSaveDate || plan.needsPreview !== 'no' || plan.marksSeen
  if (needsStore) return await fetchFromStore(plan, indexes, session, peer)
  await fetchFromView(plan, indexes, session, peer)
  return undefined
}

function* indexesOf(ranges: readonly IndexRange[], session: Selected, changedSince: number): Generator<number> {
  const { view } = session.selected
  for (const { start, end } of ranges)
    for (let index = start; index < end; index += 1) if (view.modSeqOf(index) > changedSince) yield index
}

/** UID, FLAGS and MODSEQ stand in memory: a hundred thousand of them are only text to be made. */
async function fetchFromView(plan: FetchPlan, indexes: Iterable<number>, session: Selected, peer: Peer): Promise<void> {
  const { selected } = session
  const { output } = peer
  const lines = new Lines(output)
  const items = plan.items.flatMap(planned => (planned.from === 'view' ? [planned.item] : []))
  for (const index of indexes) {
    let line = fetchStart(selected.view, index, plan.uidOnly)
    for (let at = 0; at < items.length; at += 1) {
      const item = items[at]
      if (item) line += (at === 0 ? '' : ' ') + printViewItem(item, selected, index)
    }
    lines.add(`${line})\r\n`)
    if (lines.isFull) await lines.room()
  }
  lines.end()
}

/** Returns why a message could not be answered. */
async function fetchFromStore(
  plan: FetchPlan,
  indexes: Iterable<number>,
  session: Selected,
  peer: Peer,
): Promise<Failure | undefined> {
  const batches = new Batches(indexes, session, plan, peer.signal)
  try {
    return await writeBatches(plan, batches, session, peer)
  } finally {
    batches.end()
  }
}

async function writeBatches(
  plan: FetchPlan,
  batches: Batches,
  session: Selected,
  peer: Peer,
): Promise<Failure | undefined> {
  const { output } = peer
  const lines = new Lines(output)
  let failed: Failure | undefined
  for (let batch = await batches.next(); batch; batch = await batches.next()) {
    const seen = plan.marksSeen ? await markSeen(batch.indexes, session, peer) : undefined
    const opened = new Opened(plan, batch, session)
    for (let at = 0; at < batch.indexes.length; at += 1) {
      const index = batch.indexes[at] ?? 0
      const there = isThere(plan, batch, at)
      const isNeeded = there && !isReady(plan, batch, at)
      const message = isNeeded ? await opened.at(at) : undefined
      if (!there || (isNeeded && !message)) {
        failed ??= 'missing'
        continue
      }
      const asked = seen?.has(index) ? withFlags(plan, peer) : plan
      const decoded = plan.decodes && message ? await decodeParts(plan, message) : undefined
      if (plan.decodes && !decoded) {
        failed = 'unknown-cte'
        continue
      }
      const letter = { batch, at, index, message, decoded }
      const writing = writeMessage(asked, letter, session.selected, lines, output)
      if (writing) await writing
      if (lines.isFull) await lines.room()
    }
    lines.end()
  }
  return failed
}

/** Sets \Seen where it is missing; answers which messages have to be told with their flags. RFC 9051 §6.4.5 */
async function markSeen(
  indexes: readonly number[],
  session: Selected,
  peer: Peer,
): Promise<ReadonlySet<number> | undefined> {
  const { account, selected } = session
  const { view } = selected
  if (selected.readOnly) return undefined
  const unseen = indexes.filter(index => (view.flags(index) & seenFlag) === 0)
  if (unseen.length === 0) return undefined
  const change = { mode: 'add', system: seenFlag, keywords: [] } as const
  await account.changeFlags(
    selected.mailbox.id,
    unseen.map(index => view.uid(index)),
    change,
  )
  const news = view.advance({ expunges: false })
  const { condstore, uidOnly } = peer.enabled
  const skip = rangesOfIndexes(unseen)
  await writeNews(selected, news, peer.output, { expunges: false, condstore, uidOnly, skip })
  return new Set(unseen)
}

function withFlags(plan: FetchPlan, peer: Peer): FetchPlan {
  const told = new Set(plan.items.map(planned => ('item' in planned ? planned.item : planned.label)))
  // RFC 7162 §3.2.4
  const identified = plan.uidOnly ? (['MODSEQ'] as const) : (['UID', 'MODSEQ'] as const)
  const extra = ['FLAGS', ...(peer.enabled.condstore ? identified : [])] as const
  const items = [...plan.items, ...extra.filter(item => !told.has(item)).map(item => ({ from: 'view', item }) as const)]
  return { ...plan, items }
}
