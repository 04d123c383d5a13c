import type { AccountWriter } from './account-writer.ts'
import { describeEmail, keepEmail } from './email-store.ts'
import { flagBits } from './flags.ts'
import type { AppendInput, PlacedRow, Refusal } from './operations.ts'
import { place } from './place.ts'
import { replaceFiledCopies } from './sent-copy.ts'

/** APPEND: all of the messages or none (RFC 3502). */
export function append(
  account: AccountWriter,
  input: AppendInput,
): { readonly placed: readonly PlacedRow[] } | Refusal {
  const mailbox = account.mailbox(input.mailbox)
  if (!mailbox) return { refused: 'no-such-mailbox' }
  const sizeBytes = input.messages.reduce((sum, message) => sum + message.kept.sizeBytes, 0)
  if (input.quotaBytes !== undefined && account.counters.usedBytes + sizeBytes > input.quotaBytes)
    return { refused: 'over-quota' }
  const flags: number[] = []
  for (const message of input.messages) {
    const bits = flagBits(account, message.flags, false)
    if (typeof bits !== 'number') return bits
    flags.push(bits)
  }
  const placed = input.messages.map((message, index) => {
    const described = describeEmail(account, message.kept)
    replaceFiledCopies(account, mailbox, described.messageIdHash, input.nowMs)
    const email = keepEmail(account, message.kept, described, { internalDate: message.internalDate, filed: false })
    const facts = { id: email.id, flags: flags[index] ?? 0, sizeBytes: email.sizeBytes, savedMs: input.nowMs }
    return { uid: place(account, mailbox, facts), emailId: email.id }
  })
  return { placed }
}
