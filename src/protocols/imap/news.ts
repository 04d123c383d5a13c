/** What happened in the selected mailbox, told between commands and during IDLE. RFC 9051 §5.2, §7.5 */
import type { ViewNews } from '#mail/account.ts'
import { Lines } from './lines.ts'
import type { Output, Peer } from './peer.ts'
import { rangesOf, writeVanished } from './qresync.ts'
import { no, Refused } from './reply.ts'
import type { SelectedMailbox } from './selected-mailbox.ts'
import { gone } from './session.ts'
import { fetchStart } from './uid-only.ts'

export type NewsOptions = {
  /** False after commands whose numbers must keep their meaning (RFC 9051 §7.5.1) */
  readonly expunges: boolean
  readonly condstore: boolean
  /** VANISHED instead of EXPUNGE (RFC 7162 §3.2.10) */
  readonly qresync?: boolean
  /** The same, and UIDFETCH (RFC 9586 §3.3, §3.4) */
  readonly uidOnly?: boolean
  /** Changed messages whose FETCH has been said already, or that need none */
  readonly skip?: (index: number) => boolean
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
  if (news.expunged.length > 0) for (const context of contexts.values()) await context.lose(news.expunged)
  if (options.qresync || options.uidOnly)
    await writeVanished(rangesOf(news.expunged.map(({ uid }) => uid)), output, false)
  else await writeExpunges(news, output)
  if (news.added > 0) output.write(`* ${view.length} EXISTS\r\n`)
  let packed = 0
  for (const index of news.changed) packed |= view.flags(index)
  for (let index = view.length - news.added; index < view.length; index += 1) packed |= view.flags(index)
  await selected.learnKeywords(packed, output)
  const lines = new Lines(output)
  for (const index of news.changed) {
    if (lines.isFull) await lines.room()
    if (!options.skip?.(index)) lines.add(flagsFetch(selected, index, options))
  }
  lines.end()
  if (contexts.size > 0) await tellContexts(selected, news)
}

async function writeExpunges({ expunged }: ViewNews, output: Output): Promise<void> {
  const lines = new Lines(output)
  for (const { index } of expunged) {
    if (lines.isFull) await lines.room()
    lines.add(`* ${index + 1} EXPUNGE\r\n`)
  }
  lines.end()
}

/** RFC 5267 §4.3.3: after EXISTS, which makes the numbers valid */
async function tellContexts({ view, contexts }: SelectedMailbox, { changed, added }: ViewNews): Promise<void> {
  const indexes = new Uint32Array(changed.length + added)
  indexes.set(changed)
  for (let at = 0; at < added; at++) indexes[changed.length + at] = view.length - added + at
  if (indexes.length > 0)
    for (const context of contexts.values()) await context.change(indexes.sort(), view.length - added)
}

/** The FETCH response that tells a message's flags. The UID is in each, so that no client has to guess (RFC 9051 §7.5.2). */
export function flagsFetch(
  selected: SelectedMailbox,
  index: number,
  { condstore, uidOnly }: Pick<NewsOptions, 'condstore' | 'uidOnly'>,
): string {
  const { view } = selected
  const modSeq = condstore ? `MODSEQ (${view.modSeqOf(index)}) ` : ''
  const uid = uidOnly ? '' : `UID ${view.uid(index)} `
  return `${fetchStart(view, index, uidOnly)}${uid}${modSeq}FLAGS (${selected.flagsText(view.flags(index))}))\r\n`
}
