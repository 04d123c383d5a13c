/** What watchers of an account are told, made of a writer's notice. */
import { runsIn } from '#store/account/message-runs.ts'
import type { AccountNotice, MailboxEvent } from '#store/account/operations.ts'
import type { TypeModSeqs } from '#store/account/tables/counters.ts'
import type { MailboxCounters } from './account.ts'
import { countersOf } from './account-mailbox-list.ts'
import type { AccountId, MailboxId, ModSeq } from './ids.ts'

export type AccountChange = {
  readonly account: AccountId
  readonly modSeq: ModSeq
  /** Mailboxes whose messages changed */
  readonly mailboxes: readonly MailboxId[]
  /** The list of mailboxes, a name or a subscription changed */
  readonly mailboxList: boolean
  /** An email came that somebody sent: not one that was moved, made or filed here */
  readonly delivered: boolean
  /** Changes were lost on the way (a thread of the store has ended): anything may have changed, and nothing else is told here */
  readonly missed: boolean
  readonly messages: readonly MessagesChange[]
  readonly names: readonly NameChange[]
  readonly metadata: readonly MetadataChange[]
  /** When what JMAP shows of each type last changed */
  readonly types: TypeModSeqs
  /** Kinds of small objects of JMAP, and when they changed */
  readonly objects: readonly { readonly kind: string; readonly modSeq: number }[]
}

/** What happened to the messages of one mailbox, with the mailbox's counters after it; `by`: who did all of it, when it was one. */
export type MessagesChange = {
  readonly mailbox: MailboxCounters
  /** Who added which: a UID, and so many without a gap */
  readonly added: readonly { readonly first: number; readonly count: number; readonly by: string | undefined }[]
  readonly removed: boolean
  readonly flags: boolean
  readonly by: string | undefined
}

/** Children come along when a mailbox is renamed, without a change of their own. `from`: the name before. */
export type NameChange = {
  readonly kind: 'created' | 'deleted' | 'renamed' | 'subscribed' | 'unsubscribed'
  readonly name: string
  readonly from: string | undefined
  /** As it is now, for what was created or renamed */
  readonly mailbox: MailboxCounters | undefined
  readonly by: string | undefined
}

/** `name`: of the mailbox; undefined for the account as a whole */
export type MetadataChange = {
  readonly name: string | undefined
  readonly entries: readonly string[]
  readonly by: string | undefined
}

/** Made only for accounts that somebody watches, and once for all watchers. */
export function changeIn(notice: AccountNotice): AccountChange {
  const rows = notice.rows.map(countersOf)
  const byName = new Map(rows.map(row => [row.name, row]))
  return {
    account: notice.account as AccountId,
    modSeq: notice.modSeq as ModSeq,
    mailboxes: notice.mailboxes as readonly MailboxId[],
    mailboxList: notice.mailboxList,
    delivered: notice.delivered,
    missed: false,
    messages: rows.flatMap(row => messagesChange(row, notice.events) ?? []),
    names: notice.names.map(event => ({ ...event, mailbox: byName.get(event.name) })),
    metadata: notice.metadata,
    types: notice.types,
    objects: notice.objects,
  }
}

export function missedChange(account: AccountId): AccountChange {
  const nothing = {
    delivered: false,
    mailboxes: [],
    mailboxList: true,
    messages: [],
    names: [],
    metadata: [],
    types: { email: 0, thread: 0, mailbox: 0, used: 0 },
    objects: [],
  }
  return { account, modSeq: 0 as ModSeq, missed: true, ...nothing }
}

function messagesChange(mailbox: MailboxCounters, events: readonly MailboxEvent[]): MessagesChange | undefined {
  const own = events.filter(event => event.mailbox === mailbox.id)
  const [first] = own
  if (!first) return undefined
  const has = (kind: MailboxEvent['kind']) => own.some(event => event.kind === kind)
  const by = own.every(event => event.by === first.by) ? first.by : undefined
  const added = own
    .filter(event => event.kind === 'added')
    .flatMap(event => Array.from(runsIn(event.runs), ({ first, count }) => ({ first, count, by: event.by })))
  return { mailbox, added, removed: has('removed'), flags: has('changed'), by }
}
