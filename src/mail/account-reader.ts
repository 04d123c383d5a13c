/** Several things of an account as they were at one moment: for protocols whose answers name a state (RFC 8620 §5.1). */
import { readCounters, type TypeModSeqs, typeModSeqs } from '#store/account/tables/counters.ts'
import { readRecipientsOf } from '#store/account/tables/delivery.ts'
import { readReadyEmail, readThreadEmails } from '#store/account/tables/email.ts'
import { type ObjectRow, readObjects, readObjectsGone } from '#store/account/tables/jmap-object.ts'
import { type KindState, readKindState, readKindStates } from '#store/account/tables/kind-state.ts'
import { readKeywords } from '#store/account/tables/keyword.ts'
import { readMailboxTombstones } from '#store/account/tables/losses.ts'
import { type MailboxRow, readMailboxes } from '#store/account/tables/mailbox.ts'
import { readPlacementsOf } from '#store/account/tables/placement.ts'
import { readReportsAbout, readReportsOf, type ReportRow as StoredReport } from '#store/account/tables/report.ts'
import { readSubscriptions } from '#store/account/tables/subscription.ts'
import type { Report } from '#formats/dsn/read-report.ts'
import type { Database } from '#store/sqlite.ts'
import type { EmailRow } from './account-email.ts'
import type { EmailId, MailboxId, ModSeq, ThreadId, Uid } from './ids.ts'

/** Of `AccountChange.objects`: reports came, or went */
export { reportKind } from '#store/account/reports.ts'

export type AccountState = {
  /** Of the account's numbers: raised by a restore */
  readonly epoch: number
  readonly modSeq: ModSeq
  /** What was removed up to here is no longer known */
  readonly tombstoneFloor: ModSeq
  /** When what JMAP shows of each type last changed */
  readonly types: TypeModSeqs
}

export type MailboxRecord = Pick<MailboxRow, 'name' | 'sortOrder'> & {
  readonly id: MailboxId
  readonly role: string | undefined
  readonly subscribed: boolean
  readonly createdModSeq: ModSeq
  /** Of the name, the role, the subscription, the order */
  readonly changedModSeq: ModSeq
  /** Of the messages */
  readonly highestModSeq: ModSeq
}

export type Placement = {
  readonly mailbox: MailboxId
  readonly uid: Uid
  readonly flags: number
  /** When it came there, milliseconds since 1970 */
  readonly saved: number
}

/** An email that reports on what was sent from here */
export type ReportRow = Pick<Report, 'kind' | 'recipients'> & {
  readonly email: EmailId
  /** Of our own queue's entry; only that names it */
  readonly delivery: string | undefined
  /** Of the letter that it is about */
  readonly messageId: string | undefined
  readonly envelopeId: string | undefined
}

export type ReportsWanted = Readonly<Record<'deliveries' | 'messageIds' | 'envelopeIds', readonly string[]>>

/** To be used within `Account.read` only, and for so many rows that it takes a few milliseconds at most. */
export type AccountReader = {
  readonly state: AccountState
  readonly keywordNames: readonly string[]
  /** Octets that count against the quota */
  readonly usedBytes: number
  mailboxes(): readonly MailboxRecord[]
  /** Mailboxes that were deleted after this modseq */
  mailboxesGone(since: number): readonly { readonly id: MailboxId; readonly modSeq: ModSeq }[]
  /** Small objects of JMAP, the oldest first; a thousand at most */
  objects(kind: string): readonly ObjectRow[]
  /** When they last changed, or what stands elsewhere of them did (`mark`) */
  kindState(kind: string): KindState
  /** Of all kinds of which there has been anything */
  kindStates(): readonly KindState[]
  objectsGone(kind: string, since: number): readonly { readonly id: string; readonly modSeq: number }[]
  /** Reports that were delivered and name one of these, in the order in which they came */
  reportsAbout(wanted: ReportsWanted): readonly ReportRow[]
  /** Of these emails, those that are reports, likewise */
  reportsOf(emails: readonly number[]): readonly ReportRow[]
  placements(email: EmailId): readonly Placement[]
  email(id: EmailId): EmailRow | undefined
  /** As whom this email came under this delivery id; none where that brought another one */
  recipientsOf(email: EmailId, delivery: string): readonly string[]
  /** Ascending, those after `after`, in any mailbox or, marked \Deleted, in none that is shown */
  threadEmails(thread: ThreadId, after: number, limit: number): readonly EmailId[]
}

export function accountReader(database: Database): AccountReader {
  const counters = readCounters(database)
  // of one moment, as the whole reader is, and asked for with each email
  let keywords: readonly string[] | undefined
  return {
    state: {
      epoch: counters?.epoch ?? 0,
      modSeq: (counters?.modSeq ?? 0) as ModSeq,
      tombstoneFloor: (counters?.tombstoneFloor ?? 0) as ModSeq,
      types: typeModSeqs(counters),
    },
    usedBytes: counters?.usedBytes ?? 0,
    get keywordNames() {
      return (keywords ??= readKeywords(database))
    },
    mailboxes() {
      const subscribed = new Set(readSubscriptions(database))
      return readMailboxes(database).map(row => recordOf(row, subscribed.has(row.name)))
    },
    mailboxesGone: since =>
      readMailboxTombstones(database, since) as readonly { readonly id: MailboxId; readonly modSeq: ModSeq }[],
    objects: kind => readObjects(database, kind),
    kindState: kind => readKindState(database, kind),
    kindStates: () => readKindStates(database),
    objectsGone: (kind, since) => readObjectsGone(database, kind, since),
    reportsAbout: ({ deliveries, messageIds, envelopeIds }) =>
      readReportsAbout(database, {
        deliveries: JSON.stringify(deliveries),
        messageIds: JSON.stringify(messageIds),
        envelopeIds: JSON.stringify(envelopeIds),
      }).map(reportOf),
    reportsOf: emails => readReportsOf(database, JSON.stringify(emails)).map(reportOf),
    placements: email => readPlacementsOf(database, email) as unknown as readonly Placement[],
    email(id) {
      const row = readReadyEmail(database, id)
      return row && { ...row, id, threadId: row.threadId as ThreadId }
    },
    recipientsOf: (email, delivery) => readRecipientsOf(database, email, delivery),
    threadEmails: (thread, after, limit) => readThreadEmails(database, thread, after, limit) as readonly EmailId[],
  }
}

function reportOf({ email, kind, delivery, messageId, envelopeId, recipients }: StoredReport): ReportRow {
  let parsed: Report['recipients'] | undefined
  return {
    email: email as EmailId,
    kind,
    delivery: delivery ?? undefined,
    messageId: messageId ?? undefined,
    envelopeId: envelopeId ?? undefined,
    // most who ask which reports there are do not look into them
    get recipients() {
      return (parsed ??= JSON.parse(recipients) as Report['recipients'])
    },
  }
}

function recordOf(row: MailboxRow, subscribed: boolean): MailboxRecord {
  return {
    id: row.id as MailboxId,
    name: row.name,
    role: row.role ?? undefined,
    subscribed,
    sortOrder: row.sortOrder,
    createdModSeq: row.createdModSeq as ModSeq,
    changedModSeq: row.changedModSeq as ModSeq,
    highestModSeq: row.highestModSeq as ModSeq,
  }
}
