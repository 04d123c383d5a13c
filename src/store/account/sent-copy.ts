/**
 * A sent message is filed by the server and, by habit, by most clients too. Nobody should see two: the client's copy (which
 * carries Bcc and the client's own fields) replaces the server's; the server files none where the client's already is.
 */
import type { AccountWriter } from './account-writer.ts'
import type { DescribedEmail } from './email-store.ts'
import { unplace } from './place.ts'
import { readFiled, readInThread } from './tables/email.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { type PlacementRow, readPlacementsOf } from './tables/placement.ts'
import { readThreadOf } from './tables/reference.ts'
import { threadKeys } from './threading.ts'

/** A copy of this message that already lies in the mailbox. */
export function findSentCopy(
  account: AccountWriter,
  mailbox: MailboxRow,
  described: DescribedEmail,
): PlacementRow | undefined {
  const { messageIdHash } = described
  if (messageIdHash === null) return undefined
  const threads = new Set(threadKeys(described).map(key => readThreadOf(account.database, key)))
  for (const thread of threads) {
    if (thread === undefined) continue
    for (const email of readInThread(account.database, thread, messageIdHash)) {
      const placement = readPlacementsOf(account.database, email).find(row => row.mailbox === mailbox.id)
      if (placement) return placement
    }
  }
  return undefined
}

/** Takes the server's own copies of this message out of the mailbox, before the client's is placed there. */
export function replaceFiledCopies(
  account: AccountWriter,
  mailbox: MailboxRow,
  messageId: number | null,
  nowMs: number,
): void {
  if (mailbox.role !== 'sent' || messageId === null) return
  for (const email of readFiled(account.database, messageId))
    for (const row of readPlacementsOf(account.database, email))
      if (row.mailbox === mailbox.id) unplace(account, mailbox, row, nowMs)
}
