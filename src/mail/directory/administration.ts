/** What an owner changes: domains, users with their passwords, aliases. A password becomes hashes before its turn has come. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import { mailboxName } from '#store/account/mailbox-name.ts'
import type { UserRow } from '#store/directory/rows.ts'
import type { ScramHash } from '../auth.ts'
import type { Directory, DirectoryRefusal, User } from '../directory.ts'
import type { AccountId } from '../ids.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { makeScramVerifiers } from '../passwords/scram-verifier.ts'
import { isHashProblem, parseStoredHash } from '../passwords/stored-hash.ts'
import { weaknessOf } from '../passwords/weak-password.ts'
import { randomAccountId } from './account-id.ts'
import { planAddAlias, planRemoveAlias } from './alias-changes.ts'
import type { Changes } from './changes.ts'
import { scramToJson } from './credentials.ts'
import { planAddDomain, planRemoveDomain, planSetCatchAll } from './domain-changes.ts'
import { scramIterations, scramSaltBytes } from './limits.ts'
import type { Model } from './model.ts'
import { isDirectoryRefusal, refuse } from './plan.ts'
import { checkNewAddress, planAddUser, planChangeUser, planRemoveUser, userNamed } from './user-changes.ts'

export type AdministrationParts = {
  readonly model: Model
  readonly changes: Changes
  readonly clock: Clock
  readonly passwords: Passwords
  readonly scramHashes: readonly ScramHash[]
  /** Makes the account's store, before its user exists. A crash in between leaves an empty account that nobody has. */
  createAccount(id: AccountId, language: 'en' | 'ja'): Promise<unknown>
}

export type Administration = Pick<
  Directory,
  | 'addDomain'
  | 'removeDomain'
  | 'setCatchAll'
  | 'addUser'
  | 'removeUser'
  | 'setEnabled'
  | 'setPassword'
  | 'setPasswordHash'
  | 'setAdministrator'
  | 'setQuota'
  | 'setPop3Mailbox'
  | 'addAlias'
  | 'removeAlias'
>

export function administrationOf(parts: AdministrationParts): Administration {
  const { model, changes, clock } = parts
  return {
    addDomain: name => changes.make(() => planAddDomain(model, name, clock.now())),
    removeDomain: name => changes.make(() => planRemoveDomain(model, name)),
    setCatchAll: (domain, address) => changes.make(() => planSetCatchAll(model, domain, address)),
    addUser: user => addUser(parts, user),
    removeUser: address => changes.make(() => planRemoveUser(model, address, clock.now())),
    setEnabled: (address, enabled) =>
      changes.make(() => planChangeUser(model, address, () => ({ enabled: enabled ? 1 : 0 }))),
    setPassword: (address, password) => setPassword(parts, address, password),
    async setPasswordHash(address, hash) {
      const bad = hashProblem(hash)
      if (bad !== undefined) return refuse('bad-hash', bad)
      const secret = { passwordHash: hash, scram: null }
      return changes.make(() => planChangeUser(model, address, row => newPassword(row, secret)))
    },
    setAdministrator: (address, on) =>
      changes.make(() => planChangeUser(model, address, () => ({ administrator: on ? 1 : 0 }))),
    setQuota: (address, quotaBytes) =>
      changes.make(() => planChangeUser(model, address, () => ({ quotaBytes: quotaBytes ?? null }))),
    async setPop3Mailbox(address, mailbox) {
      const name = mailbox === undefined ? null : mailboxName(mailbox)
      if (name !== null && typeof name !== 'string') return refuse('bad-mailbox', mailbox)
      return changes.make(() => planChangeUser(model, address, () => ({ pop3Mailbox: name })))
    },
    addAlias: (address, targets) => changes.make(() => planAddAlias(model, address, targets, clock.now())),
    removeAlias: address => changes.make(() => planRemoveAlias(model, address, clock.now())),
  }
}

async function addUser(
  parts: AdministrationParts,
  user: Parameters<Directory['addUser']>[0],
): Promise<User | DirectoryRefusal> {
  const { model, changes, clock } = parts
  const checked = checkNewAddress(model, user.address, clock.now())
  if (isDirectoryRefusal(checked)) return checked
  const weak = user.password === undefined ? undefined : weaknessOf(user.password, checked.answer)
  if (weak !== undefined) return refuse('weak-password', weak)
  const bad = user.passwordHash === undefined ? undefined : hashProblem(user.passwordHash)
  if (bad !== undefined) return refuse('bad-hash', bad)
  const scramSalt = randomBytes(scramSaltBytes)
  const secret =
    user.password === undefined
      ? { passwordHash: user.passwordHash ?? null, scram: null }
      : await secretsFrom(parts, user.password, scramSalt, scramIterations)
  const account = randomAccountId()
  const language = user.language ?? 'en'
  const row = { account, name: user.name ?? '', language, quotaBytes: user.quotaBytes }
  // refused a second time where two callers want the same address, before an account is made for nobody
  const free = await changes.inTurn(async () => checkNewAddress(model, user.address, clock.now()))
  if (isDirectoryRefusal(free)) return free
  await parts.createAccount(account, language)
  return changes.make(() =>
    planAddUser(model, user.address, { ...row, ...secret, scramSalt, scramIterations }, clock.now()),
  )
}

async function setPassword(
  parts: AdministrationParts,
  address: string,
  password: string,
): Promise<object | DirectoryRefusal> {
  const { model, changes } = parts
  const user = userNamed(model, address)
  if (!user) return refuse('no-such-user', address)
  const weak = weaknessOf(password, user.address)
  if (weak !== undefined) return refuse('weak-password', weak)
  const secret = await secretsFrom(parts, password, user.scramSalt, user.scramIterations)
  return changes.make(() => planChangeUser(model, user.address, row => newPassword(row, secret)))
}

async function secretsFrom(
  { passwords, scramHashes }: AdministrationParts,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Pick<UserRow, 'passwordHash' | 'scram'>> {
  const [passwordHash, verifiers] = await Promise.all([
    passwords.hash(password),
    makeScramVerifiers(scramHashes, password, salt, iterations),
  ])
  return { passwordHash, scram: scramToJson(verifiers) }
}

function newPassword(row: UserRow, secret: Pick<UserRow, 'passwordHash' | 'scram'>): Partial<UserRow> {
  return { ...secret, passwordVersion: row.passwordVersion + 1 }
}

function hashProblem(hash: string): string | undefined {
  const parsed = parseStoredHash(hash)
  return isHashProblem(parsed) ? parsed.problem : undefined
}
