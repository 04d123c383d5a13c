/** What watchers of an account are told, made of a writer's notice. */
import { runsIn } from '#store/account/message-runs.ts'
import type { AccountNotice, MailboxEvent } from '#store/account/operations.ts'
import type { AccountChange, MailboxCounters, MessagesChange } from './account.ts'
import { countersOf } from './account-mailbox-list.ts'
import type { AccountId, MailboxId, ModSeq } from './ids.ts'

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
