/**
 * What JMAP counts in mailboxes (RFC 8621 §2). Other than IMAP's counters: a placement marked \Deleted does not count, an email counts once in a
 * mailbox, drafts are not unread, and threads are counted, read or not by all of their emails. Two scans, so for a reader thread.
 */
import type { Database } from '../sqlite.ts'
import { readCounters } from './tables/counters.ts'

const selectPlacements = `SELECT mailbox, email, flags FROM placement`
const selectThreads = `SELECT id, thread FROM email INDEXED BY email_thread`
const selectTrash = `SELECT id FROM mailbox WHERE role = 'trash'`

const deletedFlag = 16
/** \Seen and \Draft: with either of them an email is not unread */
const readFlags = 1 | 8

/** For mailbox i of `mailboxes` */
export type MailboxCountsOutput = {
  readonly modSeq: number
  readonly mailboxes: readonly number[]
  readonly emails: readonly number[]
  readonly unread: readonly number[]
  readonly threads: readonly number[]
  readonly unreadThreads: readonly number[]
}

type Sums = {
  readonly emails: Set<number>
  unread: number
  readonly threads: Set<number>
}

/** To be called within one read transaction. Mailboxes without anything visible are left out. */
export function countMailboxes(database: Database): MailboxCountsOutput {
  const modSeq = readCounters(database)?.modSeq ?? 0
  const threadOf = new Map<number, number>()
  for (const [id = 0, thread = 0] of rows(database, selectThreads)) threadOf.set(id, thread)
  const trash = (database.prepare(selectTrash).get() as { id: number } | undefined)?.id
  const sums = new Map<number, Sums>()
  /** Threads with an unread email in the trash, and elsewhere */
  const unreadInTrash = new Set<number>()
  const unreadElsewhere = new Set<number>()
  for (const [mailbox = 0, email = 0, flags = 0] of rows(database, selectPlacements)) {
    if (flags & deletedFlag) continue
    const thread = threadOf.get(email) ?? email
    let sum = sums.get(mailbox)
    if (!sum) sums.set(mailbox, (sum = { emails: new Set(), unread: 0, threads: new Set() }))
    if (sum.emails.has(email)) continue
    sum.emails.add(email)
    sum.threads.add(thread)
    if (flags & readFlags) continue
    sum.unread++
    if (mailbox === trash) unreadInTrash.add(thread)
    else unreadElsewhere.add(thread)
  }
  const entries = [...sums]
  return {
    modSeq,
    mailboxes: entries.map(([mailbox]) => mailbox),
    emails: entries.map(([, { emails }]) => emails.size),
    unread: entries.map(([, { unread }]) => unread),
    threads: entries.map(([, { threads }]) => threads.size),
    // What lies in the trash alone makes no thread unread elsewhere, and what lies elsewhere none in the trash
    unreadThreads: entries.map(([mailbox, { threads }]) =>
      common(threads, mailbox === trash ? unreadInTrash : unreadElsewhere),
    ),
  }
}

function common(threads: ReadonlySet<number>, unread: ReadonlySet<number>): number {
  const [few, many] = threads.size < unread.size ? [threads, unread] : [unread, threads]
  let count = 0
  for (const thread of few) if (many.has(thread)) count++
  return count
}

function rows(database: Database, sql: string): Iterable<readonly number[]> {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement.iterate() as unknown as Iterable<number[]>
}
