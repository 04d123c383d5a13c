import { canonicalAddress } from '#formats/address/address.ts'
import type { DirectoryStep, UserRow } from '#store/directory/rows.ts'
import type { User } from '../directory.ts'
import type { AccountId } from '../ids.ts'
import { schemeName } from '../passwords/stored-hash.ts'
import type { AccessKind } from './access-index.ts'
import { withoutTarget } from './alias-changes.ts'
import { maxNameCharacters, reuseAfterMs } from './limits.ts'
import { splitAddress } from './model.ts'
import type { Model } from './model.ts'
import { done, refuse } from './plan.ts'
import type { Plan } from './plan.ts'

export function userOfRow(row: UserRow): User {
  return {
    account: row.account as AccountId,
    address: row.address,
    name: row.name,
    enabled: row.enabled !== 0,
    language: row.language === 'ja' ? 'ja' : 'en',
    quotaBytes: row.quotaBytes ?? undefined,
    administrator: row.administrator !== 0,
    pop3Mailbox: row.pop3Mailbox ?? undefined,
    passwordScheme: row.passwordHash === null ? undefined : schemeName(row.passwordHash),
    createdAt: row.createdAt,
  }
}

export type NewUser = Pick<UserRow, 'account' | 'scramSalt' | 'scramIterations' | 'passwordHash' | 'scram'> & {
  readonly name: string
  readonly language: 'en' | 'ja'
  readonly quotaBytes: number | undefined
}

/** The address may be given to a new user; its canonical form. */
export function checkNewAddress(model: Model, text: string, now: number): Plan<string> {
  const address = canonicalAddress(text)
  if (address === undefined) return refuse('bad-address', text)
  const domain = splitAddress(address)[1]
  if (!model.domains.has(domain)) return refuse('no-such-domain', domain)
  if (model.users.has(address) || model.aliases.has(address)) return refuse('exists', address)
  const deleted = model.deleted.get(address)
  if (deleted && now - deleted.deletedAt < reuseAfterMs)
    return refuse('recently-deleted', `${address} is free again on ${dateOf(deleted.deletedAt + reuseAfterMs)}`)
  return { steps: [], answer: address }
}

export function planAddUser(model: Model, text: string, user: NewUser, now: number): Plan<User> {
  const checked = checkNewAddress(model, text, now)
  if ('refused' in checked) return checked
  const address = checked.answer
  const row: UserRow = {
    ...user,
    address,
    name: user.name.normalize('NFC').slice(0, maxNameCharacters),
    enabled: 1,
    quotaBytes: user.quotaBytes ?? null,
    administrator: 0,
    pop3Mailbox: null,
    passwordVersion: 1,
    createdAt: now,
  }
  return {
    steps: [
      { put: 'user', row },
      { drop: 'deleted', key: address },
    ],
    answer: userOfRow(row),
  }
}

export function planRemoveUser(model: Model, text: string, now: number): Plan<object> {
  const row = userNamed(model, text)
  if (!row) return refuse('no-such-user', text)
  const deleted = { address: row.address, kind: 'user', account: row.account, deletedAt: now }
  return {
    steps: [
      { drop: 'user', key: row.account },
      ...withoutAccess(model, row.account),
      { put: 'deleted', row: deleted },
      ...withoutTarget(model, row.address, now),
    ],
    answer: done,
  }
}

/** Changes of one user's own row. Who is disabled or has another password leaves the web too. */
export function planChangeUser(model: Model, text: string, change: (row: UserRow) => Partial<UserRow>): Plan<object> {
  const row = userNamed(model, text)
  if (!row) return refuse('no-such-user', text)
  const changed = { ...row, ...change(row) }
  const endsSessions = changed.enabled === 0 || changed.passwordVersion !== row.passwordVersion
  const ended = endsSessions
    ? [...withoutAccess(model, row.account, 'session'), ...withoutAccess(model, row.account, 'push')]
    : []
  return { steps: [{ put: 'user', row: changed }, ...ended], answer: done }
}

export function userNamed(model: Model, text: string): UserRow | undefined {
  const address = canonicalAddress(text)
  return address === undefined ? undefined : model.users.get(address)
}

function withoutAccess(model: Model, account: string, kind?: AccessKind): readonly DirectoryStep[] {
  return model.access.of(account, kind).map(({ id }) => ({ drop: 'access', key: id }))
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
