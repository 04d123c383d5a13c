/**
 * One mailbox, the inbox unless told otherwise, as one session sees it: numbers and sizes stay as they were at login, whatever others do meanwhile. Several
 * sessions may have it open. What is marked by DELE goes at QUIT and not before. RFC 1939 §5, §6
 */
import { deletedFlag } from '#mail/account.ts'
import type { Account } from '#mail/account.ts'
import type { EmailId, MailboxId, Uid } from '#mail/ids.ts'
import { maxMessages, rowsAtOnce } from './limits.ts'

export type DropMessage = { readonly uid: Uid; readonly emailId: EmailId; readonly sizeBytes: number }

export type Maildrop = {
  readonly mailbox: MailboxId
  readonly uidValidity: number
  /** Message n of the protocol is element n - 1. */
  readonly messages: readonly DropMessage[]
  /** Numbers marked by DELE */
  readonly deleted: Set<number>
}

/** Undefined when there is no such mailbox. Messages that IMAP has marked \Deleted are not shown. */
export async function openMaildrop(account: Account, name: string): Promise<Maildrop | undefined> {
  const mailbox = await account.mailboxNamed(name)
  const view = mailbox && (await account.open(mailbox.id))
  if (!mailbox || !view) return undefined
  const found: { uid: Uid; emailId: EmailId }[] = []
  const { uidValidity } = view
  try {
    for (let index = 0; index < view.length && found.length < maxMessages; index++)
      if ((view.flags(index) & deletedFlag) === 0) found.push({ uid: view.uid(index), emailId: view.emailId(index) })
  } finally {
    view[Symbol.dispose]()
  }
  return { mailbox: mailbox.id, uidValidity, messages: await withSizes(account, found), deleted: new Set() }
}

/** Those that have gone since are left out, before they get a number. */
async function withSizes(
  account: Account,
  found: readonly { readonly uid: Uid; readonly emailId: EmailId }[],
): Promise<readonly DropMessage[]> {
  const messages: DropMessage[] = []
  for (let from = 0; from < found.length; from += rowsAtOnce) {
    const some = found.slice(from, from + rowsAtOnce)
    const rows = await account.emails(some.map(one => one.emailId))
    for (const [at, one] of some.entries()) {
      const row = rows[at]
      if (row) messages.push({ ...one, sizeBytes: row.sizeBytes })
    }
  }
  return messages
}

/** Undefined for numbers that do not exist or are marked. */
export function messageOf(drop: Maildrop, number: number): DropMessage | undefined {
  return drop.deleted.has(number) ? undefined : drop.messages[number - 1]
}

/** Sum over the messages that are not marked */
export function totalOf(drop: Maildrop): { readonly count: number; readonly sizeBytes: number } {
  let sizeBytes = 0
  for (const message of drop.messages) sizeBytes += message.sizeBytes
  for (const number of drop.deleted) sizeBytes -= drop.messages[number - 1]?.sizeBytes ?? 0
  return { count: drop.messages.length - drop.deleted.size, sizeBytes }
}

/**
 * The unique-id: UID and UIDVALIDITY in hexadecimal, as Dovecot writes them unless told otherwise, so that a mailbox that
 * moved here with its UIDs is not downloaded again. RFC 1939 §7
 */
export function uniqueId(drop: Maildrop, message: DropMessage): string {
  const hex = (value: number) => value.toString(16).padStart(8, '0')
  return hex(message.uid) + hex(drop.uidValidity)
}

/** The update state. Resolves when what was marked is gone from disk. */
export async function update(account: Account, drop: Maildrop): Promise<void> {
  const uids = [...drop.deleted]
    .map(number => drop.messages[number - 1]?.uid)
    .filter(uid => uid !== undefined)
    .sort((a, b) => a - b)
  if (uids.length === 0) return
  const change = { mode: 'add', system: deletedFlag, keywords: [] } as const
  const marked = await account.changeFlags(drop.mailbox, uids, change)
  // the mailbox itself is gone: so are its messages
  if ('refused' in marked) return
  await account.expunge(drop.mailbox, uids)
}
