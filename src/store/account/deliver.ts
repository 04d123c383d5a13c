/** Delivery, exactly once: the row that remembers the result is written with the message. See mail/delivery.ts. */
import { existsSync } from 'node:fs'
import { equalBytes } from '#base/bytes.ts'
import type { AccountWriter } from './account-writer.ts'
import { describeEmail, keepEmail } from './email-store.ts'
import { accountFailure } from './failures.ts'
import { flagBits } from './flags.ts'
import { deliveriesKept, deliveryKeptMs, mergeWindowMs, pruneBatch } from './limits.ts'
import { mailboxForRole } from './mailboxes.ts'
import type { Confirmation, DeliverInput, DeliverOutput } from './operations.ts'
import { place } from './place.ts'
import { noteReport } from './reports.ts'
import { leaveEffects, nothingStored, storeFiled, type StoreResult } from './deliver-filed.ts'
import { findSentCopy } from './sent-copy.ts'
import * as deliveries from './tables/delivery.ts'
import type { MailboxRow } from './tables/mailbox.ts'

export function deliver(account: AccountWriter, input: DeliverInput): DeliverOutput {
  applyConfirmations(account, input.confirms)
  const earlier = earlierResult(account, input)
  if (earlier) return earlier
  const { filing } = input
  const emails = account.counters.nextEmail
  const result = filing ? storeFiled(account, input, filing) : storeOnce(account, input)
  const toSent = !('id' in input.mailbox) && input.mailbox.role === 'sent'
  if (account.counters.nextEmail > emails && !toSent) account.changes.delivered()
  remember(account, input, result)
  const unusedFiles = [...result.unusedFiles]
  if (result.status !== 'over-quota') {
    rememberForGone(account, input, result)
    unusedFiles.push(...leaveEffects(account, input))
  }
  if (account.counters.nextEmail % pruneBatch === 0)
    deliveries.pruneDeliveries(account.database, deliveriesKept, 4 * pruneBatch, input.nowMs - deliveryKeptMs)
  return { ...answer(result, false, result.fileUnused), ...(unusedFiles.length > 0 && { unusedFiles }) }
}

function earlierResult(account: AccountWriter, input: DeliverInput): DeliverOutput | undefined {
  const { attempt, recipient } = input
  const same = deliveries.readDelivery(account.database, attempt.id, recipient)
  // Another message under a known id: a box that counts from the beginning again. Its mail is new mail.
  if (same && equalBytes(same.fingerprint, input.fingerprint)) {
    if (attempt.confirmed) deliveries.setDeliveryState(account.database, attempt.id, recipient, deliveries.confirmed)
    // Mail from the hold is never refused for quota or by a script, whatever was said while the sender waited
    const refused = same.status === 'over-quota' || same.status === 'rejected'
    return refused && input.overQuota === 'accept' ? undefined : answer(same, true, true)
  }
  if (attempt.confirmed) return undefined
  const merged = deliveries
    .readUnconfirmed(account.database, input.fingerprint, recipient, input.nowMs - mergeWindowMs)
    .find(row => row.status !== 'over-quota' && isGone(row, attempt))
  if (!merged) return undefined
  deliveries.setDeliveryState(account.database, merged.id, recipient, deliveries.followed)
  remember(account, input, merged)
  rememberForGone(account, input, merged)
  return answer(merged, true, true)
}

/** Nobody can still be answering for this row: its box has been started anew since, or saw the peer vanish. */
function isGone(row: deliveries.DeliveryRow, attempt: DeliverInput['attempt']): boolean {
  return (row.origin === attempt.origin && row.boot < attempt.boot) || attempt.gone.includes(row.id)
}

function remember(account: AccountWriter, input: DeliverInput, result: deliveries.DeliveryResultRow): void {
  const state = input.attempt.confirmed ? deliveries.confirmed : deliveries.unconfirmed
  deliveries.insertDelivery(account.database, rowOf(input, input.attempt.id, state, result))
}

function rowOf(
  input: DeliverInput,
  id: string,
  state: number,
  { status, email, mailbox, uid, reply }: deliveries.DeliveryResultRow,
): deliveries.DeliveryRow {
  const { attempt, fingerprint, nowMs, recipient } = input
  const { boot, origin } = attempt
  return { id, recipient, fingerprint, origin, boot, state, status, email, mailbox, uid, created: nowMs, reply }
}

/** An attempt that was given up may still arrive, out of a hold or a slow connection: this delivery is its result too. */
function rememberForGone(account: AccountWriter, input: DeliverInput, result: deliveries.DeliveryResultRow): void {
  for (const id of input.attempt.gone)
    if (!deliveries.readDelivery(account.database, id, input.recipient))
      deliveries.insertDelivery(account.database, rowOf(input, id, deliveries.followed, result))
}

function answer(row: deliveries.DeliveryResultRow, repeated: boolean, fileUnused: boolean): DeliverOutput {
  if (row.status === 'over-quota') return { status: 'over-quota', repeated, fileUnused: true }
  if (row.status === 'discarded') return { status: 'discarded', repeated, fileUnused }
  if (row.status === 'rejected') return { status: 'rejected', repeated, fileUnused, reply: row.reply ?? '' }
  return { status: 'stored', repeated, emailId: row.email, mailbox: row.mailbox, uid: row.uid, fileUnused }
}

function storeOnce(account: AccountWriter, input: DeliverInput): StoreResult {
  const { kept, quotaBytes } = input
  const overQuota = quotaBytes !== undefined && account.counters.usedBytes + kept.sizeBytes > quotaBytes
  if (overQuota && input.overQuota === 'refuse') return nothingStored('over-quota', null)
  if (kept.kind === 'file' && !existsSync(account.filePath(kept.name)))
    throw accountFailure('NO_FILE', 'The file of a large message is not there')
  const mailbox = targetMailbox(account, input)
  const filed = mailbox.role === 'sent'
  const described = describeEmail(account, kept)
  const copy = filed ? findSentCopy(account, mailbox, described) : undefined
  if (copy)
    return {
      status: 'stored',
      email: copy.email,
      mailbox: mailbox.id,
      uid: copy.uid,
      reply: null,
      fileUnused: true,
      unusedFiles: [],
    }
  const email = keepEmail(account, kept, described, { internalDate: input.internalDate, filed })
  const bits = flagBits(account, input.flags, true)
  const flags = typeof bits === 'number' ? bits : 0
  const uid = place(account, mailbox, { id: email.id, flags, sizeBytes: email.sizeBytes, savedMs: input.nowMs })
  if (!filed) noteReport(account, { ...described, kept, email: email.id, delivery: input.attempt.id })
  return {
    status: 'stored',
    email: email.id,
    mailbox: mailbox.id,
    uid,
    reply: null,
    fileUnused: false,
    unusedFiles: [],
  }
}

/** A mailbox that is gone by now is no reason to lose mail: the inbox takes it. */
function targetMailbox(account: AccountWriter, input: DeliverInput): MailboxRow {
  const mailbox =
    'id' in input.mailbox ? account.mailbox(input.mailbox.id) : mailboxForRole(account, input.mailbox.role, input.nowMs)
  return mailbox ?? mailboxForRole(account, 'inbox', input.nowMs)
}

export function applyConfirmations(account: AccountWriter, confirms: readonly Confirmation[]): void {
  for (const { recipient, ids } of confirms)
    for (const id of ids) deliveries.setDeliveryState(account.database, id, recipient, deliveries.confirmed)
}
