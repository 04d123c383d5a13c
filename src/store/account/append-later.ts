/**
 * An APPEND of many messages is answered when they are on disk, in the journal, under the UIDs that they will have; they are described
 * and put into the account right behind the answer. Whoever reads the account meanwhile waits for that (AccountStore.settle).
 */
import type { AccountWriter } from './account-writer.ts'
import { append, refusedAppend } from './append.ts'
import { AccountFailure } from './failures.ts'
import { scriptFor } from './imap-events.ts'
import { appendInput, type KeptAppend } from './journal/append-record.ts'
import { appendLaterFrom, maxAppendLaterBytes } from './limits.ts'
import type { AppendInput, PlacedRow } from './operations.ts'
import { requireUids } from './place.ts'
import { readSpooled } from './spool-reader.ts'

export type ForeseenAppend = { readonly kept: KeptAppend; readonly placed: readonly PlacedRow[] }

/** Undefined when it has to be done to be known what becomes of it, or is not worth it. Changes nothing. */
export function foreseeAppend(account: AccountWriter, input: AppendInput): ForeseenAppend | undefined {
  const mailbox = account.mailbox(input.mailbox)
  // a replaced message leaves, and so may a filed copy of a sent one; somebody looks and has to see it with the answer
  if (!mailbox || mailbox.role === 'sent' || input.replaced || input.prompt) return undefined
  // a script's event is noted in the transaction
  if (scriptFor(account, mailbox.id, input.actor) !== undefined) return undefined
  if (!isWorthIt(input) || makesKeywords(account, input) || refusedAppend(account, input)) return undefined
  requireUids(mailbox, input.messages.length)
  const bytes = readSpooled(input.messages.map(({ kept }) => kept))
  const messages = input.messages.map(({ flags, internalDate }, at) => {
    return { bytes: bytes[at] ?? new Uint8Array(0), flags, internalDate }
  })
  const { nowMs } = input
  const { uidNext: firstUid, uidValidity } = mailbox
  const { nextEmail } = account.counters
  return {
    kept: { mailbox: mailbox.id, uidValidity, firstUid, nowMs, messages },
    placed: messages.map((_, at) => ({ uid: firstUid + at, emailId: nextEmail + at })),
  }
}

/** A file of its own is there already. */
function isWorthIt({ messages }: AppendInput): boolean {
  if (messages.length < appendLaterFrom || messages.some(({ kept }) => kept.kind === 'file')) return false
  return messages.reduce((sum, { kept }) => sum + kept.sizeBytes, 0) <= maxAppendLaterBytes
}

function makesKeywords({ keywords }: AccountWriter, { messages }: AppendInput): boolean {
  return messages.some(({ flags }) => flags.keywords.some(name => !keywords.includes(name)))
}

/** Within an operation of the account. What is there already, after a crash, is passed over. */
export function placeKept(account: AccountWriter, kept: KeptAppend): void {
  const mailbox = account.mailbox(kept.mailbox)
  // it was there, and is gone with its mailbox; or it is there
  if (mailbox?.uidValidity !== kept.uidValidity || mailbox.uidNext > kept.firstUid) return
  mailbox.uidNext = kept.firstUid
  const done = append(account, appendInput(kept))
  if ('refused' in done) throw new AccountFailure('REFUSED', `An APPEND that was answered is refused: ${done.refused}`)
}
