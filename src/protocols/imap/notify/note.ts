/** One change of the account, as far as a watch is interested. RFC 5465 §5 */
import type { MailboxCounters } from '#mail/account.ts'
import type { AccountChange, MessagesChange, MetadataChange, NameChange } from '#mail/account-change.ts'
import { isDeliveredTo } from '../mailbox-filter.ts'
import type { Waiting } from './waiting.ts'
import type { Standing, Watch } from './watch.ts'

export type Noting = {
  readonly watch: Watch
  readonly waiting: Waiting
  /** §5: who did it is not told */
  readonly by: string
  isSubscribed(name: string): boolean
}

/** The inbox keeps its name; another that is delivered to is known by what is told of it. */
function standingOf(name: string, { isSubscribed }: Noting, mailbox?: MailboxCounters): Standing {
  return { subscribed: isSubscribed(name), delivered: name === 'INBOX' || isDeliveredTo(mailbox?.role) }
}

export function noteMessages(change: MessagesChange, noting: Noting): void {
  const { watch, waiting, by } = noting
  if (change.by === by) return
  const { mailbox } = change
  const interests = watch.interestsIn(mailbox.name, standingOf(mailbox.name, noting, mailbox))
  const messages = interests.messages && (change.added.length > 0 || change.removed)
  const flags = interests.flags && change.flags
  if (messages || flags) waiting.status(mailbox, messages, flags)
}

/** A mailbox made or removed touches the one above it, too (§5.4). */
export function noteName(change: NameChange, noting: Noting): void {
  const { watch, waiting, by } = noting
  if (change.by === by) return
  const { kind, name, from, mailbox } = change
  const standing = standingOf(name, noting, mailbox)
  const interests = watch.interestsIn(name, standing)
  if (kind === 'subscribed' || kind === 'unsubscribed') {
    if (interests.subscriptions || watch.interestsIn(name, { ...standing, subscribed: true }).subscriptions)
      waiting.name(name)
    return
  }
  // §5.1: a name whose UIDVALIDITY is another now
  if (mailbox && interests.flags) waiting.status(mailbox, false, true)
  if (from !== undefined) {
    if (interests.names || watch.interestsIn(from, standingOf(from, noting, mailbox)).names) waiting.renamed(from, name)
    return
  }
  if (interests.names) waiting.name(name)
  const above = name.slice(0, Math.max(0, name.lastIndexOf('/')))
  if (above !== '' && watch.interestsIn(above, standingOf(above, noting)).names) waiting.name(above)
}

export function noteMetadata({ name, entries, by }: MetadataChange, noting: Noting): void {
  if (by === noting.by) return
  const { watch, waiting } = noting
  const wanted = name === undefined ? watch.serverMetadata : watch.interestsIn(name, standingOf(name, noting)).metadata
  if (wanted) waiting.metadataChanged(name ?? '', entries)
}

export function noteAll(change: AccountChange, noting: Noting): void {
  for (const messages of change.messages) noteMessages(messages, noting)
  for (const name of change.names) noteName(name, noting)
  for (const metadata of change.metadata) noteMetadata(metadata, noting)
}
