/**
 * Mailboxes made, changed and destroyed by id: JMAP's Mailbox/set (RFC 8621 §2.5). Each change is looked at before any of it is made, and what
 * is refused leaves the others as they are.
 */
import type { AccountWriter } from './account-writer.ts'
import { createMailbox, deleteMailbox, renameMailbox } from './mailboxes.ts'
import type { Refusal } from './operations.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { isSubscribed, setSubscription } from './tables/subscription.ts'

/** A mailbox, one that the same call makes (by its key), or none: the top */
export type ParentInput<Id extends number = number> = Id | { readonly created: string } | null

export type MailboxProperties<Id extends number = number, Role extends string = string> = {
  /** Of its own level */
  readonly name?: string | undefined
  readonly parent?: ParentInput<Id> | undefined
  readonly role?: Role | null | undefined
  readonly sortOrder?: number | undefined
  readonly subscribed?: boolean | undefined
}
/** One with children cannot be destroyed unless they are too; one with emails not unless these are to be removed. */
export type MailboxSetting<Id extends number = number, Role extends string = string> =
  | {
      readonly kind: 'create'
      readonly key: string
      readonly properties: MailboxProperties<Id, Role> & { readonly name: string }
    }
  | { readonly kind: 'update'; readonly mailbox: Id; readonly properties: MailboxProperties<Id, Role> }
  | { readonly kind: 'destroy'; readonly mailbox: Id; readonly removeEmails: boolean }

export type SetMailboxesInput = {
  /** The mailboxes' modseq that the change is for, or a later one of the account; any when undefined */
  readonly ifModSeq: number | undefined
  readonly changes: readonly MailboxSetting[]
  readonly nowMs: number
}

export type MailboxSettingRefusal = {
  readonly refused: 'no-such-mailbox' | 'bad-property' | 'is-inbox' | 'has-child' | 'has-email' | 'too-many-mailboxes'
  /** The bad one */
  readonly property?: 'name' | 'parentId' | 'role'
  readonly why?: string | undefined
}
/** In the order of the changes; of what was made its id */
export type SetMailboxesOutput =
  | {
      readonly before: number
      readonly after: number
      readonly results: readonly (MailboxSettingRefusal | { readonly mailbox: number } | object)[]
    }
  | { readonly refused: 'state-mismatch' }

type Result = MailboxSettingRefusal | { readonly mailbox: number }

export function setMailboxes(account: AccountWriter, input: SetMailboxesInput): SetMailboxesOutput {
  const before = account.counters.mailboxModSeq
  if (input.ifModSeq !== undefined && input.ifModSeq < before) return { refused: 'state-mismatch' }
  const results = new Map<MailboxSetting, Result>()
  const made = new Map<string, Result>()
  for (const change of inOrder(account, input.changes)) {
    const result = carryOut(account, change, made, input.nowMs)
    if (change.kind === 'create') made.set(change.key, result)
    results.set(change, result)
    // names and roles are each somebody's alone: what this one gave up the next may take
    account.saveMailboxes()
  }
  return {
    before,
    after: account.counters.mailboxModSeq,
    results: input.changes.map(change => results.get(change) ?? noSuchMailbox),
  }
}

const noSuchMailbox: MailboxSettingRefusal = { refused: 'no-such-mailbox' }

/** Parents are made before their children, and go after them; roles are given up before they are taken. */
function inOrder(account: AccountWriter, changes: readonly MailboxSetting[]): readonly MailboxSetting[] {
  const creations = changes.filter(change => change.kind === 'create')
  const byKey = new Map(creations.map(one => [one.key, one]))
  const depth = (one: (typeof creations)[number]) => {
    let levels = 0
    for (let at: typeof one | undefined = one; at && levels <= creations.length; levels++) {
      const parent: ParentInput | undefined = at.properties.parent
      at = typeof parent === 'object' && parent !== null ? byKey.get(parent.created) : undefined
    }
    return levels
  }
  const updates = changes.filter(change => change.kind === 'update')
  const destroys = changes.filter(change => change.kind === 'destroy')
  const level = ({ mailbox }: { readonly mailbox: number }) => account.mailbox(mailbox)?.name.split('/').length ?? 0
  return [
    ...creations.toSorted((a, b) => depth(a) - depth(b)),
    ...updates.toSorted((a, b) => Number(b.properties.role === null) - Number(a.properties.role === null)),
    ...destroys.toSorted((a, b) => level(b) - level(a)),
  ]
}

function carryOut(
  account: AccountWriter,
  change: MailboxSetting,
  made: ReadonlyMap<string, Result>,
  nowMs: number,
): Result {
  const parent = change.kind === 'destroy' ? undefined : parentOf(account, change.properties.parent, made)
  if (parent === 'none') return { refused: 'bad-property', property: 'parentId', why: 'There is no such mailbox' }
  if (change.kind === 'create') return create(account, change.properties, parent ?? undefined, nowMs)
  const mailbox = account.mailbox(change.mailbox)
  if (!mailbox) return noSuchMailbox
  return change.kind === 'destroy'
    ? destroy(account, mailbox, change.removeEmails, nowMs)
    : update(account, mailbox, { ...change.properties, parent }, nowMs)
}

/** undefined: it stays; null: none */
function parentOf(
  account: AccountWriter,
  parent: ParentInput | undefined,
  made: ReadonlyMap<string, Result>,
): MailboxRow | null | undefined | 'none' {
  if (parent === undefined || parent === null) return parent
  const known = typeof parent === 'number' ? { mailbox: parent } : made.get(parent.created)
  return (known && 'mailbox' in known ? account.mailbox(known.mailbox) : undefined) ?? 'none'
}

function create(
  account: AccountWriter,
  { name, role, sortOrder = 0, subscribed = false }: MailboxProperties & { readonly name: string },
  parent: MailboxRow | undefined,
  nowMs: number,
): Result {
  if (name.includes('/')) return badName('A name has no “/”')
  const path = parent ? `${parent.name}/${name}` : name
  const result = createMailbox(account, { name: path, role: role ?? undefined, subscribe: subscribed, nowMs })
  if ('refused' in result) return asSetting(result)
  const mailbox = account.mailbox(result.mailbox.id)
  if (mailbox && sortOrder !== 0) {
    mailbox.sortOrder = sortOrder
    account.propertiesChanged(mailbox)
  }
  return { mailbox: result.mailbox.id }
}

type Wanted = Omit<MailboxProperties, 'parent'> & { readonly parent: MailboxRow | null | undefined }

function update(account: AccountWriter, mailbox: MailboxRow, wanted: Wanted, nowMs: number): Result {
  const { role, sortOrder, subscribed } = wanted
  const path = pathOf(account, mailbox, wanted)
  if (typeof path !== 'string') return path
  const isOtherRole = role !== undefined && role !== mailbox.role
  if (mailbox.role === 'inbox' && (path !== mailbox.name || isOtherRole)) return { refused: 'is-inbox' }
  if (isOtherRole && role !== null && account.mailboxWithRole(role))
    return { refused: 'bad-property', property: 'role', why: 'Another mailbox has this role' }
  if (path.startsWith(`${mailbox.name}/`))
    return { refused: 'bad-property', property: 'parentId', why: 'A mailbox cannot move below itself' }
  if (path !== mailbox.name) {
    const refusal = rename(account, mailbox, path, nowMs)
    if (refusal) return refusal
  }
  if (isOtherRole) mailbox.role = role
  if (sortOrder !== undefined && sortOrder !== mailbox.sortOrder) mailbox.sortOrder = sortOrder
  else if (!isOtherRole) return subscribe(account, mailbox, subscribed)
  account.propertiesChanged(mailbox)
  account.changes.mailboxChanged(mailbox.id)
  return subscribe(account, mailbox, subscribed)
}

/** Where levels are gone, what is left of the path is the name (as JMAP shows it), and may stay so. */
function pathOf(account: AccountWriter, mailbox: MailboxRow, { name, parent }: Wanted): string | MailboxSettingRefusal {
  let slash = mailbox.name.lastIndexOf('/')
  while (slash > 0 && !account.mailboxNamed(mailbox.name.slice(0, slash)))
    slash = mailbox.name.lastIndexOf('/', slash - 1)
  const shown = mailbox.name.slice(slash + 1)
  if (name !== undefined && name !== shown && name.includes('/')) return badName('A name has no “/”')
  const above = parent === undefined ? mailbox.name.slice(0, Math.max(slash, 0)) : (parent?.name ?? '')
  return above === '' ? (name ?? shown) : `${above}/${name ?? shown}`
}

/** Subscriptions are those of names (RFC 9051 §6.3.7), and here those of mailboxes: they move along. */
function rename(
  account: AccountWriter,
  mailbox: MailboxRow,
  to: string,
  nowMs: number,
): MailboxSettingRefusal | undefined {
  const { database } = account
  const rows = [...account.mailboxes].filter(row => row === mailbox || row.name.startsWith(`${mailbox.name}/`))
  const before = rows.map(({ name }) => ({ name, subscribed: isSubscribed(database, name) }))
  const result = renameMailbox(account, { name: mailbox.name, to, nowMs })
  if ('refused' in result) return asSetting(result as Refusal)
  for (const { name } of before) setSubscription(database, name, false)
  for (const [index, { subscribed }] of before.entries())
    if (subscribed) setSubscription(database, rows[index]?.name ?? to, true)
  return undefined
}

function subscribe(account: AccountWriter, mailbox: MailboxRow, on: boolean | undefined): Result {
  const { id, name } = mailbox
  if (on === undefined || on === isSubscribed(account.database, name)) return { mailbox: id }
  setSubscription(account.database, name, on)
  account.propertiesChanged(mailbox)
  account.changes.nameChanged(on ? 'subscribed' : 'unsubscribed', name)
  return { mailbox: id }
}

/** What is marked \Deleted is seen by nobody here, and keeps no mailbox. */
function destroy(account: AccountWriter, mailbox: MailboxRow, removeEmails: boolean, nowMs: number): Result {
  const { deleted, id, messages, name, role } = mailbox
  if (role === 'inbox') return { refused: 'is-inbox' }
  if ([...account.mailboxes].some(row => row.name.startsWith(`${name}/`))) return { refused: 'has-child' }
  if (messages > deleted && !removeEmails) return { refused: 'has-email' }
  const result = deleteMailbox(account, { name, nowMs })
  if ('refused' in result) return noSuchMailbox
  setSubscription(account.database, name, false)
  return { mailbox: id }
}

function badName(why: string | undefined): MailboxSettingRefusal {
  return { refused: 'bad-property', property: 'name', why }
}

function asSetting({ refused, why }: Refusal): MailboxSettingRefusal {
  if (refused === 'too-many-mailboxes') return { refused }
  if (refused === 'has-role') return { refused: 'bad-property', property: 'role', why: 'Another mailbox has this role' }
  return badName(refused === 'exists' ? 'Another mailbox has this name' : why)
}
