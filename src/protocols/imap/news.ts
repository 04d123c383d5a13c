/** What happened in the selected mailbox, told between commands and during IDLE. RFC 9051 §5.2, §7.5 */
import type { IndexRange, ViewNews } from '#mail/account-view.ts'
import { writeFlags } from './flag-responses.ts'
import type { Output, Peer } from './peer.ts'
import { rangesIn, writeVanished } from './qresync.ts'
import { no, Refused } from './reply.ts'
import type { SelectedMailbox } from './selected-mailbox.ts'
import { gone } from './session.ts'

export type NewsOptions = {
  /** False after commands whose numbers must keep their meaning (RFC 9051 §7.5.1) */
  readonly expunges: boolean
  readonly condstore: boolean
  /** VANISHED instead of EXPUNGE (RFC 7162 §3.2.10) */
  readonly qresync?: boolean
  /** The same, and UIDFETCH (RFC 9586 §3.3, §3.4) */
  readonly uidOnly?: boolean
  /** Changed messages whose FETCH has been said already, or that need none: ascending */
  readonly skip?: readonly IndexRange[] | 'all'
}

/** Takes the waiting changes and writes them. Returns false when the mailbox itself is gone. */
export async function tellNews(selected: SelectedMailbox, output: Output, options: NewsOptions): Promise<boolean> {
  if (!selected.view.hasNews) return true
  const news = selected.view.advance({ expunges: options.expunges })
  await writeNews(selected, news, output, options)
  return !news.mailboxGone
}

/**
 * With QRESYNC: tells the news now and answers the HIGHESTMODSEQ code for the end of a command that removed messages. It must
 * be one up to which the client has heard everything, also what others did meanwhile. RFC 7162 §3.2.7
 */
export async function reachedAfterNews(selected: SelectedMailbox, peer: Peer): Promise<string | undefined> {
  if (!peer.enabled.qresync) return undefined
  const there = await tellNews(selected, peer.output, { expunges: true, ...peer.enabled })
  if (!there) throw new Refused({ ...no('NONEXISTENT', 'The mailbox is gone'), next: gone('The mailbox is gone') })
  return `HIGHESTMODSEQ ${selected.toldModSeq}`
}

/**
 * While removals wait and later modseqs have been told: how far the client has really heard. Else it would take the highest modseq
 * that it has seen, and never hear of the removals if the connection broke. RFC 7162 §3.2, §6
 */
export function tellReached(selected: SelectedMailbox, { output, enabled }: Peer): void {
  if (enabled.qresync && selected.view.hasNews)
    output.write(`* OK [HIGHESTMODSEQ ${selected.toldModSeq}] Removals are told later\r\n`)
}

export async function writeNews(
  selected: SelectedMailbox,
  news: ViewNews,
  output: Output,
  options: NewsOptions,
): Promise<void> {
  const { view, contexts } = selected
  if (news.expunged.uids.length > 0) for (const context of contexts.values()) await context.lose(news.expunged)
  if (options.qresync || options.uidOnly) await writeVanished(rangesIn(news.expunged.uids), output, false)
  else await writeExpunges(news, output)
  if (news.added > 0) output.write(`* ${view.length} EXISTS\r\n`)
  let packed = view.allFlags(view.length - news.added, view.length)
  for (const { start, end } of news.changed) packed |= view.allFlags(start, end)
  await selected.learnKeywords(packed, output)
  const naming = { ...options, withUid: true }
  for (const { start, end } of without(news.changed, options.skip))
    await writeFlags(selected, start, end, naming, output)
  if (contexts.size > 0) await tellContexts(selected, news)
}

/** Each number counts after the removals before it: those of a range have all the same. */
async function writeExpunges({ expunged }: ViewNews, output: Output): Promise<void> {
  let before = 0
  for (const { start, end } of expunged.ranges) {
    const line = `* ${start - before + 1} EXPUNGE\r\n`
    before += end - start
    for (let left = end - start; left > 0; left -= expungesAtOnce) {
      if (output.isFull) await output.room()
      output.write(line.repeat(Math.min(left, expungesAtOnce)))
    }
  }
}
const expungesAtOnce = 512

/** RFC 5267 §4.3.3: after EXISTS, which makes the numbers valid */
async function tellContexts({ view, contexts }: SelectedMailbox, { changed, added }: ViewNews): Promise<void> {
  const ranges = [...changed, { start: view.length - added, end: view.length }]
  const indexes = new Uint32Array(ranges.reduce((count, { start, end }) => count + end - start, 0))
  let at = 0
  for (const { start, end } of ranges) for (let index = start; index < end; index += 1) indexes[at++] = index
  if (indexes.length > 0) for (const context of contexts.values()) await context.change(indexes, view.length - added)
}

function without(
  ranges: readonly IndexRange[],
  skip: readonly IndexRange[] | 'all' | undefined,
): readonly IndexRange[] {
  if (skip === 'all') return []
  if (!skip || skip.length === 0) return ranges
  const left: IndexRange[] = []
  let at = 0
  for (const { start, end } of ranges) {
    let from = start
    while ((skip[at]?.end ?? Infinity) <= start) at += 1
    for (let next = at; (skip[next]?.start ?? Infinity) < end; next += 1) {
      const skipped = skip[next] ?? { start: end, end }
      if (from < skipped.start) left.push({ start: from, end: skipped.start })
      from = Math.max(from, skipped.end)
    }
    if (from < end) left.push({ start: from, end })
  }
  return left
}
