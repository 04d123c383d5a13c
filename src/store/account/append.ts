import type { AccountWriter } from './account-writer.ts'
import { describeEmail, keepEmail } from './email-store.ts'
import { flagBits, refusedKeywords } from './flags.ts'
import type { AppendInput, PlacedRow, Refusal } from './operations.ts'
import { place, unplace } from './place.ts'
import { replaceFiledCopies } from './sent-copy.ts'
import { SpoolReader } from './spool-reader.ts'
import { type PlacementRow, readPlacement, readPlacementsOf } from './tables/placement.ts'

/** APPEND: all of the messages or none (RFC 3502). REPLACE: and one leaves, or all stays as it is (RFC 8508 §3.4). */
export function append(
  account: AccountWriter,
  input: AppendInput,
): { readonly placed: readonly PlacedRow[] } | Refusal {
  const mailbox = account.mailbox(input.mailbox)
  if (!mailbox) return { refused: 'no-such-mailbox' }
  const refusal = refusedAppend(account, input)
  if (refusal) return refusal
  const flags: number[] = []
  for (const message of input.messages) {
    const bits = flagBits(account, message.flags, false)
    if (typeof bits !== 'number') return bits
    flags.push(bits)
  }
  using spooled = new SpoolReader()
  const placed = input.messages.map((message, index) => {
    const kept = message.kept.kind === 'spool' ? spooled.bring(message.kept) : message.kept
    const described = describeEmail(account, kept)
    replaceFiledCopies(account, mailbox, described.messageIdHash, input.nowMs)
    const email = keepEmail(account, kept, described, { internalDate: message.internalDate, filed: false })
    const facts = { id: email.id, flags: flags[index] ?? 0, sizeBytes: email.sizeBytes, savedMs: input.nowMs }
    return { uid: place(account, mailbox, facts), emailId: email.id }
  })
  leave(account, input)
  return { placed }
}

/** Asked before anything is done. */
export function refusedAppend(account: AccountWriter, input: AppendInput): Refusal | undefined {
  const replaced = replacedRow(account, input)
  if (input.replaced && !replaced) return { refused: 'no-such-message' }
  if (isOverQuota(account, input, replaced)) return { refused: 'over-quota' }
  return refusedKeywords(account, new Set(input.messages.flatMap(({ flags }) => flags.keywords)))
}

function replacedRow({ database }: AccountWriter, { replaced }: AppendInput): PlacementRow | undefined {
  return replaced && readPlacement(database, replaced.mailbox, replaced.uid)
}

/** What the replaced message gives back counts; an account that is over its limit already may still become smaller. */
function isOverQuota(account: AccountWriter, input: AppendInput, replaced: PlacementRow | undefined): boolean {
  if (input.quotaBytes === undefined) return false
  const sizeBytes = input.messages.reduce((sum, message) => sum + message.kept.sizeBytes, 0)
  const isLast = replaced && readPlacementsOf(account.database, replaced.email).length === 1
  const netBytes = sizeBytes - (isLast ? replaced.sizeBytes : 0)
  return netBytes > 0 && account.counters.usedBytes + netBytes > input.quotaBytes
}

/** Looked up anew: as a sent copy that the server filed, it may have made room for the new message already. */
function leave(account: AccountWriter, input: AppendInput): void {
  const row = replacedRow(account, input)
  const mailbox = row && account.mailbox(row.mailbox)
  if (row && mailbox) unplace(account, mailbox, row, input.nowMs)
}
