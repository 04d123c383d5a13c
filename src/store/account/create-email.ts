/** A new email in several mailboxes at once: JMAP's Email/set, /import and /copy (RFC 8621 §4.6 to §4.8). */
import type { AccountWriter } from './account-writer.ts'
import { describeEmail, keepEmail } from './email-store.ts'
import { flagBits } from './flags.ts'
import type { FlagInput, KeptBytes, Refusal } from './operations.ts'
import { place } from './place.ts'
import { replaceFiledCopies } from './sent-copy.ts'
import { readEmailForRemoval } from './tables/email.ts'
import type { MailboxRow } from './tables/mailbox.ts'

export type EmailCreation = {
  readonly kind: 'create'
  readonly kept: KeptBytes
  readonly mailboxes: readonly number[]
  readonly flags: FlagInput
  readonly internalDate: number
}
export type CreatedEmail = { readonly email: number; readonly thread: number; readonly sizeBytes: number }

export function createEmail(
  account: AccountWriter,
  { flags, internalDate, kept, mailboxes: wanted }: EmailCreation,
  { nowMs, quotaBytes }: { readonly nowMs: number; readonly quotaBytes: number | undefined },
): CreatedEmail | Refusal {
  const mailboxes = mailboxesOf(account, wanted)
  if ('refused' in mailboxes) return mailboxes
  if (quotaBytes !== undefined && account.counters.usedBytes + kept.sizeBytes > quotaBytes)
    return { refused: 'over-quota' }
  const bits = flagBits(account, flags, false)
  if (typeof bits !== 'number') return bits
  const described = describeEmail(account, kept)
  for (const mailbox of mailboxes) replaceFiledCopies(account, mailbox, described.messageIdHash, nowMs)
  const { id, sizeBytes } = keepEmail(account, kept, described, { internalDate, filed: false })
  for (const mailbox of mailboxes) place(account, mailbox, { id, flags: bits, sizeBytes, savedMs: nowMs })
  const thread = readEmailForRemoval(account.database, id)?.thread
  if (thread === undefined) throw new Error('The email was not kept')
  return { email: id, thread, sizeBytes }
}

function mailboxesOf(account: AccountWriter, wanted: readonly number[]): readonly MailboxRow[] | Refusal {
  const mailboxes: MailboxRow[] = []
  for (const id of new Set(wanted)) {
    const mailbox = account.mailbox(id)
    if (!mailbox) return { refused: 'no-such-mailbox' }
    mailboxes.push(mailbox)
  }
  return mailboxes.length === 0 ? { refused: 'no-mailbox' } : mailboxes
}
