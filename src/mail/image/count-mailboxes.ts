/**
 * What JMAP counts in mailboxes (RFC 8621 §2). Other than IMAP's counters: a placement marked \Deleted does not count, an email counts once in a
 * mailbox, drafts are not unread, and threads are counted, read or not by all of their emails.
 */
import { draftFlag, seenFlag } from '../account.ts'
import type { MailboxId } from '../ids.ts'
import type { ColumnData } from './email-columns.ts'
import type { ThreadNumbers } from './threads.ts'

export type MailboxCount = {
  readonly emails: number
  readonly unread: number
  readonly threads: number
  readonly unreadThreads: number
}

/** With either of them an email is not unread */
const readFlags = seenFlag | draftFlag
/** Where a thread has unread emails: what lies in the trash alone makes no thread unread elsewhere, and the other way round */
const elsewhere = 1
const inTrash = 2

/** A few passes over numbers: some milliseconds for a hundred thousand emails. */
export function countMailboxes(
  columns: ColumnData,
  threads: ThreadNumbers,
  trash: MailboxId | undefined,
): ReadonlyMap<MailboxId, MailboxCount> {
  const { flags, length, mailboxes, starts } = columns
  const unreadIn = new Uint8Array(threads.count)
  const groups = new Map<number, { readonly emails: number[]; unread: number }>()
  for (let index = 0; index < length; index++) {
    const isUnread = ((flags[index] ?? 0) & readFlags) === 0
    const end = starts[index + 1] ?? 0
    for (let at = starts[index] ?? 0; at < end; at++) {
      const mailbox = mailboxes[at] ?? 0
      let group = groups.get(mailbox)
      if (!group) groups.set(mailbox, (group = { emails: [], unread: 0 }))
      group.emails.push(index)
      if (!isUnread) continue
      group.unread++
      const thread = threads.of[index] ?? 0
      unreadIn[thread] = (unreadIn[thread] ?? 0) | (mailbox === trash ? inTrash : elsewhere)
    }
  }
  const lastSeen = new Uint32Array(threads.count)
  let number = 0
  const counts = new Map<MailboxId, MailboxCount>()
  for (const [mailbox, { emails, unread }] of groups) {
    number++
    const count = { emails: emails.length, unread, threads: 0, unreadThreads: 0 }
    const where = mailbox === trash ? inTrash : elsewhere
    for (const index of emails) {
      const thread = threads.of[index] ?? 0
      if (lastSeen[thread] === number) continue
      lastSeen[thread] = number
      count.threads++
      if ((unreadIn[thread] ?? 0) & where) count.unreadThreads++
    }
    counts.set(mailbox as MailboxId, count)
  }
  return counts
}
