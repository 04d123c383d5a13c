/** Placements: the only code that puts messages into mailboxes, changes their flags or takes them out. Keeps all counts. */
import type { AccountWriter } from './account-writer.ts'
import { forgetReport } from './reports.ts'
import { isShown, noteAdded, noteFlags, noteRemoved } from './shown.ts'
import { deleteBody } from './tables/body.ts'
import { deleteEmail, readEmailForRemoval, threadHasEmails } from './tables/email.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import {
  deletePlacement,
  insertPlacement,
  type PlacementRow,
  readPlacementsOf,
  updatePlacementFlags,
} from './tables/placement.ts'
import { forgetBack, noteBack, noteHidden } from './tables/email-back.ts'
import { deleteReference } from './tables/reference.ts'
import { insertTombstone } from './tables/tombstone.ts'
import { noteThreadLoss } from './tables/losses.ts'
import { keysOf } from './threading.ts'

export const seenFlag = 1
export const deletedFlag = 16
/** UIDs are 32 bit (RFC 9051 §2.3.1.1). */
const maxUid = 0xffff_ffff

type PlacedEmail = {
  readonly id: number
  readonly flags: number
  readonly sizeBytes: number
  readonly savedMs: number
  /** It is another place of an email that is there already, by these */
  readonly others?: readonly PlacementRow[]
}

/** A new placement at the end of the mailbox; its UID. */
export function place(account: AccountWriter, mailbox: MailboxRow, email: PlacedEmail): number {
  const modSeq = account.modSeq()
  requireUids(mailbox, 1)
  const uid = mailbox.uidNext++
  insertPlacement(account.database, {
    mailbox: mailbox.id,
    uid,
    email: email.id,
    flags: email.flags,
    modSeq,
    createdModSeq: modSeq,
    saved: email.savedMs,
    sizeBytes: email.sizeBytes,
  })
  mailbox.messages++
  mailbox.sizeBytes += email.sizeBytes
  countFlags(mailbox, email.flags, 1)
  account.mailboxChanged(mailbox)
  account.changeCounters().placements++
  account.changes.added(mailbox.id, uid, modSeq, email.flags, email.id)
  const { others = [] } = email
  noteAdded(account, email.flags, !others.some(isShown))
  if (isShown(email) && others.length > 0 && !others.some(isShown))
    noteBack(account.database, email.id, { hidden: Math.max(...others.map(row => row.modSeq)), modSeq })
  return uid
}

export function requireUids(mailbox: MailboxRow, count: number): void {
  if (mailbox.uidNext + count - 1 > maxUid) throw new Error('The mailbox has used up its UIDs')
}

/** Takes a placement out. With its last placement the email goes too, unless it is only moving. */
export function unplace(account: AccountWriter, mailbox: MailboxRow, row: PlacementRow, nowMs: number): void {
  const modSeq = account.modSeq()
  // When no email of the account is shared there is nothing to look up
  const shared = account.counters.placements !== account.counters.emails
  deletePlacement(account.database, row.mailbox, row.uid)
  const others = shared ? readPlacementsOf(account.database, row.email) : []
  const last = others.length === 0
  insertTombstone(account.database, {
    mailbox: row.mailbox,
    modSeq,
    uid: row.uid,
    email: row.email,
    last,
    removed: nowMs,
    hiddenModSeq: isShown(row) ? undefined : row.modSeq,
  })
  mailbox.messages--
  mailbox.sizeBytes -= row.sizeBytes
  countFlags(mailbox, row.flags, -1)
  account.mailboxChanged(mailbox)
  account.changeCounters().placements--
  account.changes.removed(row.mailbox, row.uid, modSeq)
  noteRemoved(account, row.flags, !others.some(isShown))
  if (isShown(row) && !last && !others.some(isShown)) noteHidden(account.database, row.email, modSeq)
  if (last) destroyEmail(account, row.email)
}

export function destroyEmail(account: AccountWriter, id: number): void {
  const sizeBytes = removeEmail(account, id, account.modSeq())
  if (sizeBytes === undefined) return
  const counters = account.changeCounters()
  counters.emails--
  counters.usedBytes -= sizeBytes
  account.touch('used')
}

/** What is kept of an email goes; the counters stay. `modSeq`: when it lost its last placement. Returns its octets. */
export function removeEmail(account: AccountWriter, id: number, modSeq: number): number | undefined {
  const email = readEmailForRemoval(account.database, id)
  if (!email) return undefined
  deleteEmail(account.database, id)
  forgetBack(account.database, id)
  forgetReport(account, id)
  if (email.file === null) deleteBody(account.database, id)
  else account.unneededFiles.push(email.file)
  noteThreadLoss(account.database, email.thread, modSeq)
  if (!threadHasEmails(account.database, email.thread))
    for (const key of keysOf(email.referenceKeys)) deleteReference(account.database, key, email.thread)
  return email.sizeBytes
}

/** Gives a placement these flags; \Deleted stays with it, the others show in every placement of the email. */
export function setFlags(account: AccountWriter, row: PlacementRow, flags: number): void {
  const modSeq = account.modSeq()
  const isShared = account.counters.placements !== account.counters.emails
  const others = (isShared ? readPlacementsOf(account.database, row.email) : []).filter(
    other => other.mailbox !== row.mailbox || other.uid !== row.uid,
  )
  noteFlags(account, row, flags, others)
  setOne(account, row, flags, modSeq)
  const keywords = flags & ~deletedFlag
  if ((row.flags & ~deletedFlag) === keywords) return
  for (const other of others) setOne(account, other, keywords | (other.flags & deletedFlag), modSeq)
}

function setOne(account: AccountWriter, row: PlacementRow, flags: number, modSeq: number): void {
  const mailbox = account.mailbox(row.mailbox)
  if (!mailbox) return
  updatePlacementFlags(account.database, row.mailbox, row.uid, flags, modSeq)
  countFlags(mailbox, row.flags, -1)
  countFlags(mailbox, flags, 1)
  account.mailboxChanged(mailbox)
  account.changes.changed(row.mailbox, row.uid, modSeq, flags)
}

/** `by`: so many messages more, or fewer when negative, have these flags. */
export function countFlags(mailbox: MailboxRow, flags: number, by: number): void {
  if (!(flags & seenFlag)) mailbox.unseen += by
  if (flags & deletedFlag) mailbox.deleted += by
}
