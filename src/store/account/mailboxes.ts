/** Making, renaming and deleting mailboxes. RFC 9051 §6.3.4-6 */
import type { AccountWriter } from './account-writer.ts'
import { placeRange } from './copy.ts'
import { Leaving } from './leaving.ts'
import { maxMailboxes } from './limits.ts'
import { copyAnnotations } from './metadata.ts'
import { mailboxName } from './mailbox-name.ts'
import type { Refusal, WriterOperations } from './operations.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { deleteMetadataOf } from './tables/metadata.ts'
import { isSubscribed, setSubscription } from './tables/subscription.ts'

export function createMailbox(
  account: AccountWriter,
  input: WriterOperations['createMailbox']['input'],
): WriterOperations['createMailbox']['output'] {
  const name = mailboxName(input.name)
  if (typeof name !== 'string') return name
  if (account.mailboxNamed(name)) return { refused: 'exists' }
  if (input.role !== undefined && account.mailboxWithRole(input.role)) return { refused: 'has-role' }
  const refusal = addParents(account, name, 1, input.nowMs)
  if (refusal) return refusal
  const mailbox = addMailbox(account, name, input.role ?? null, input.nowMs)
  if (input.subscribe) setSubscription(account.database, name, true)
  return { mailbox: { ...mailbox } }
}

/** A server SHOULD create the levels above (RFC 9051 §6.3.4). `own`: mailboxes that will be added besides them. */
function addParents(account: AccountWriter, name: string, own: 0 | 1, nowMs: number): Refusal | undefined {
  const missing = parentsOf(name).filter(parent => !account.mailboxNamed(parent))
  const added = missing.length + own
  if (added > 0 && account.mailboxCount + added > maxMailboxes) return { refused: 'too-many-mailboxes' }
  for (const parent of missing) addMailbox(account, parent, null, nowMs)
  return undefined
}

/** UIDVALIDITY is never given twice in an account, and follows the clock so that a lost database does not repeat it. */
export function addMailbox(account: AccountWriter, name: string, role: string | null, nowMs: number): MailboxRow {
  const row = insertNewMailbox(account, name, role, nowMs)
  account.changes.nameChanged('created', name, { mailbox: row.id })
  return row
}

function insertNewMailbox(account: AccountWriter, name: string, role: string | null, nowMs: number): MailboxRow {
  const counters = account.changeCounters()
  const modSeq = account.modSeq()
  const uidValidity = Math.max(counters.nextUidValidity, Math.floor(nowMs / 1000))
  counters.nextUidValidity = uidValidity + 1
  const row: MailboxRow = {
    id: counters.nextMailbox++,
    name,
    role,
    uidValidity,
    uidNext: 1,
    highestModSeq: modSeq,
    messages: 0,
    unseen: 0,
    deleted: 0,
    sizeBytes: 0,
    createdModSeq: modSeq,
    changedModSeq: modSeq,
    sortOrder: 0,
  }
  account.addMailbox(row)
  parentChanged(account, name)
  return row
}

/** To those who see a tree (RFC 8621 §2) what lies below a mailbox that comes or goes is another: its parent is. */
function parentChanged(account: AccountWriter, name: string): void {
  for (const row of account.mailboxes) if (row.name.startsWith(`${name}/`)) account.propertiesChanged(row)
}

/** The mailbox with this role; made again when someone has deleted it. */
export function mailboxForRole(account: AccountWriter, role: string, nowMs: number): MailboxRow {
  const present = account.mailboxWithRole(role)
  if (present) return present
  const names = JSON.parse(account.counters.roleNames) as Readonly<Record<string, string>>
  const wanted = names[role] ?? role
  let name = wanted
  for (let count = 2; account.mailboxNamed(name); count++) name = `${wanted} ${count}`
  const mailbox = addMailbox(account, name, role, nowMs)
  setSubscription(account.database, name, true)
  return mailbox
}

export function renameMailbox(
  account: AccountWriter,
  input: WriterOperations['renameMailbox']['input'],
): object | Refusal {
  const from = mailboxName(input.name)
  const to = mailboxName(input.to)
  if (typeof to !== 'string') return to
  if (typeof from !== 'string') return { refused: 'no-such-mailbox' }
  const mailbox = account.mailboxNamed(from)
  const children = [...account.mailboxes].filter(row => row.name.startsWith(`${from}/`))
  // a name that has only children is a name (RFC 9051 §6.3.6, first example)
  if (!mailbox && children.length === 0) return { refused: 'no-such-mailbox' }
  if (account.mailboxNamed(to)) return { refused: 'exists' }
  const isInbox = mailbox?.role === 'inbox'
  if (to.startsWith(`${from}/`) && !isInbox) return { refused: 'bad-name', why: 'A mailbox cannot move below itself' }
  const refusal =
    (isInbox ? undefined : checkChildren(account, children, from, to)) ??
    addParents(account, to, isInbox ? 1 : 0, input.nowMs)
  if (refusal) return refusal
  if (mailbox && isInbox) {
    const made = renameInbox(account, mailbox, to, input.nowMs)
    account.changes.nameChanged('renamed', to, { from, mailbox: made.id })
  } else renameRows(account, mailbox ? [mailbox, ...children] : children, from, to)
  return {}
}

/** Told of those alone that come along with no other. */
function renameRows(account: AccountWriter, rows: readonly MailboxRow[], from: string, to: string): void {
  const names = new Set(rows.map(row => row.name))
  for (const row of rows) {
    const before = row.name
    const after = to + before.slice(from.length)
    account.renameMailbox(row, after)
    if (!parentsOf(before).some(parent => names.has(parent)))
      account.changes.nameChanged('renamed', after, { from: before, mailbox: row.id })
  }
  parentChanged(account, to)
}

/** From the top down, without the name itself */
function parentsOf(name: string): readonly string[] {
  const levels = name.split('/')
  return levels.slice(1).map((_, index) => levels.slice(0, index + 1).join('/'))
}

/** It is emptied into the new mailbox; its children stay (RFC 9051 §6.3.6). */
function renameInbox(account: AccountWriter, inbox: MailboxRow, to: string, nowMs: number): MailboxRow {
  const made = insertNewMailbox(account, to, null, nowMs)
  moveAll(account, inbox, made, nowMs)
  copyAnnotations(account, inbox.id, made.id)
  return made
}

function checkChildren(
  account: AccountWriter,
  children: readonly MailboxRow[],
  from: string,
  to: string,
): Refusal | undefined {
  for (const child of children) {
    const name = mailboxName(to + child.name.slice(from.length))
    if (typeof name !== 'string') return name
    if (account.mailboxNamed(name)) return { refused: 'exists' }
  }
  return undefined
}

function moveAll(account: AccountWriter, from: MailboxRow, to: MailboxRow, nowMs: number): void {
  const all = { first: 1, last: from.uidNext - 1 }
  placeRange(account, from, to, all, nowMs, { from: [], to: [] })
  takeOutAll(account, from, nowMs, true)
}

function takeOutAll(account: AccountWriter, mailbox: MailboxRow, nowMs: number, isMove = false): void {
  const leaving = new Leaving(account, nowMs, isMove)
  leaving.takeOut(mailbox, { first: 1, last: mailbox.uidNext - 1 })
  leaving.done()
}

export function deleteMailbox(
  account: AccountWriter,
  input: WriterOperations['deleteMailbox']['input'],
): object | Refusal {
  const name = mailboxName(input.name)
  const mailbox = typeof name === 'string' ? account.mailboxNamed(name) : undefined
  if (!mailbox) return { refused: 'no-such-mailbox' }
  if (mailbox.role === 'inbox') return { refused: 'has-role' }
  takeOutAll(account, mailbox, input.nowMs)
  account.modSeq()
  account.changes.gone(mailbox.id)
  account.removeMailbox(mailbox)
  parentChanged(account, mailbox.name)
  deleteMetadataOf(account.database, mailbox.id)
  account.changes.nameChanged('deleted', mailbox.name)
  return {}
}

export function subscribe(account: AccountWriter, input: WriterOperations['subscribe']['input']): object {
  const name = mailboxName(input.name)
  if (typeof name !== 'string') return name
  const isOther = isSubscribed(account.database, name) !== input.on
  setSubscription(account.database, name, input.on)
  const mailbox = account.mailboxNamed(name)
  if (mailbox && isOther) account.propertiesChanged(mailbox)
  account.modSeq()
  account.changes.nameChanged(input.on ? 'subscribed' : 'unsubscribed', name)
  return {}
}
