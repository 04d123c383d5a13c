/** The mailboxes of an account, read once for all that ask between two commits. */
import { type MailboxRow, readMailboxes } from '#store/account/tables/mailbox.ts'
import { readSubscriptions } from '#store/account/tables/subscription.ts'
import type { Database } from '#store/sqlite.ts'
import type * as border from './account.ts'
import type { MailboxId, ModSeq, Uid } from './ids.ts'

type Read = { readonly version: unknown; readonly mailboxes: readonly border.Mailbox[] }

/** By connection, as it last read them */
const lastRead = new WeakMap<Database, Read>()

/** To be called first in a read transaction: what is read belongs to the number asked for before. */
export function mailboxesIn(database: Database): readonly border.Mailbox[] {
  // another one after each commit of another connection; this one only reads
  const version = database.prepare('PRAGMA data_version').get()?.['data_version']
  const known = lastRead.get(database)
  if (known && known.version === version) return known.mailboxes
  const subscribed = new Set(readSubscriptions(database))
  const mailboxes = readMailboxes(database).map(row => asMailbox(row, subscribed.has(row.name)))
  lastRead.set(database, { version, mailboxes })
  return mailboxes
}

export function asMailbox(row: Readonly<MailboxRow>, subscribed: boolean): border.Mailbox {
  return { ...countersOf(row), subscribed }
}

export function countersOf(row: Readonly<MailboxRow>): border.MailboxCounters {
  return {
    id: row.id as MailboxId,
    name: row.name,
    role: (row.role ?? undefined) as border.MailboxRole | undefined,
    uidValidity: row.uidValidity,
    uidNext: row.uidNext as Uid,
    highestModSeq: row.highestModSeq as ModSeq,
    messages: row.messages,
    unseen: row.unseen,
    deleted: row.deleted,
    sizeBytes: row.sizeBytes,
  }
}
