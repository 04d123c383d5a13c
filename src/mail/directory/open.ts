/**
 * The directory over directory.db: answers from memory, changes one after the other, each on disk before it is visible.
 *
 * Invariants: a change is planned against the model that it is applied to (nothing runs between the two but the commit); no
 * password or hash leaves through `Directory`; listeners are called after memory has changed.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { openDirectoryStore } from '#store/directory/directory-store.ts'
import type { UserRow } from '#store/directory/rows.ts'
import type { Credentials } from '../auth-credentials.ts'
import type { Directory, DirectoryRefusal } from '../directory.ts'
import type { AccountId } from '../ids.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { makeScramVerifier } from '../passwords/scram-verifier.ts'
import { isHashProblem, parseStoredHash } from '../passwords/stored-hash.ts'
import { weaknessOf } from '../passwords/weak-password.ts'
import { randomAccountId } from './account-id.ts'
import { planAddAlias, planRemoveAlias } from './alias-changes.ts'
import { allHaveScram, credentialOfRow, scramToJson, userOfLogin } from './credentials.ts'
import { domainOfRow, planAddDomain, planRemoveDomain, planSetCatchAll } from './domain-changes.ts'
import { scramIterations, scramSaltBytes } from './limits.ts'
import { applySteps, modelOf } from './model.ts'
import { isDirectoryRefusal, refuse } from './plan.ts'
import type { Plan } from './plan.ts'
import { resolveAddress } from './resolve.ts'
import { checkNewAddress, planAddUser, planChangeUser, planRemoveUser, userNamed, userOfRow } from './user-changes.ts'

export type DirectoryOptions = {
  /** Where `directory.db` lies: the data folder */
  readonly folder: string
  readonly clock: Clock
  readonly passwords: Passwords
  /** Makes the account's store, before its user exists. A crash in between leaves an empty account that nobody has. */
  createAccount(id: AccountId, language: 'en' | 'ja'): Promise<unknown>
  /** An address of ours that reads postmaster@ and abuse@ of every domain; the oldest user when undefined */
  readonly postmaster?: string | undefined
}

export type OpenDirectory = Directory & Credentials & AsyncDisposable

export async function openDirectory(options: DirectoryOptions): Promise<OpenDirectory> {
  const { clock, passwords } = options
  const store = await openDirectoryStore(join(options.folder, 'directory.db'))
  const model = modelOf(store.rows)
  const listeners = new Set<() => void>()
  const inTurn = oneAfterTheOther()
  let scramReady = allHaveScram(model)

  const change = <Answer>(plan: () => Plan<Answer>): Promise<Answer | DirectoryRefusal> =>
    inTurn(async () => {
      const planned = plan()
      if ('refused' in planned) return planned
      if (planned.steps.length > 0) {
        await store.change(planned.steps)
        applySteps(model, planned.steps)
        scramReady = allHaveScram(model)
        for (const listener of listeners) listener()
      }
      return planned.answer
    })

  const secrets = async (password: string, salt: Uint8Array, iterations: number) => {
    const [passwordHash, verifier] = await Promise.all([
      passwords.hash(password),
      makeScramVerifier(password, salt, iterations),
    ])
    return { passwordHash, scram: scramToJson(verifier ? [verifier] : []) }
  }

  return {
    resolve: address => Promise.resolve(resolveAddress(model, address, options)),
    maySendAs(account, address) {
      const resolution = resolveAddress(model, address, { ...options, catchAll: false })
      return Promise.resolve(
        resolution.kind === 'local' && resolution.targets.some(target => target.account === account),
      )
    },
    user(address) {
      const row = userNamed(model, address)
      return Promise.resolve(row && userOfRow(row))
    },
    userOf(account) {
      const row = model.users.get(model.accounts.get(account) ?? '')
      return Promise.resolve(row && userOfRow(row))
    },
    domains: () => Promise.resolve([...model.domains.values()].map(domainOfRow)),
    users: () => Promise.resolve([...model.users.values()].map(userOfRow)),
    deletedNames: async () => [...model.deleted.keys()],
    aliases: () =>
      Promise.resolve([...model.aliases.values()].map(({ row, targets }) => ({ address: row.address, targets }))),

    addDomain: name => change(() => planAddDomain(model, name, clock.now())),
    removeDomain: name => change(() => planRemoveDomain(model, name)),
    setCatchAll: (domain, address) => change(() => planSetCatchAll(model, domain, address)),
    async addUser(user) {
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
          : await secrets(user.password, scramSalt, scramIterations)
      const account = randomAccountId()
      const language = user.language ?? 'en'
      const row = { account, name: user.name ?? '', language, quotaBytes: user.quotaBytes }
      // refused a second time where two callers want the same address, before an account is made for nobody
      const free = await inTurn(() => Promise.resolve(checkNewAddress(model, user.address, clock.now())))
      if (isDirectoryRefusal(free)) return free
      await options.createAccount(account, language)
      return change(() =>
        planAddUser(model, user.address, { ...row, ...secret, scramSalt, scramIterations }, clock.now()),
      )
    },
    removeUser: address => change(() => planRemoveUser(model, address, clock.now())),
    setEnabled: (address, enabled) =>
      change(() => planChangeUser(model, address, () => ({ enabled: enabled ? 1 : 0 }))),
    async setPassword(address, password) {
      const user = userNamed(model, address)
      if (!user) return refuse('no-such-user', address)
      const weak = weaknessOf(password, user.address)
      if (weak !== undefined) return refuse('weak-password', weak)
      const secret = await secrets(password, user.scramSalt, user.scramIterations)
      return change(() => planChangeUser(model, user.address, row => newPassword(row, secret)))
    },
    async setPasswordHash(address, hash) {
      const bad = hashProblem(hash)
      if (bad !== undefined) return refuse('bad-hash', bad)
      return change(() => planChangeUser(model, address, row => newPassword(row, { passwordHash: hash, scram: null })))
    },
    setQuota: (address, quotaBytes) =>
      change(() => planChangeUser(model, address, () => ({ quotaBytes: quotaBytes ?? null }))),
    addAlias: (address, targets) => change(() => planAddAlias(model, address, targets, clock.now())),
    removeAlias: address => change(() => planRemoveAlias(model, address, clock.now())),

    credential(name) {
      const row = userOfLogin(model, name)
      return Promise.resolve(row && credentialOfRow(row))
    },
    credentialOf(account) {
      const row = model.users.get(model.accounts.get(account) ?? '')
      return Promise.resolve(row && credentialOfRow(row))
    },
    async upgradeCredential(account, version, upgrade) {
      await change(() => {
        const row = model.users.get(model.accounts.get(account) ?? '')
        if (!row || row.passwordVersion !== version) return { steps: [], answer: undefined }
        const better: UserRow = {
          ...row,
          passwordHash: upgrade.hash ?? row.passwordHash,
          scram: upgrade.scram ? scramToJson(upgrade.scram) : row.scram,
        }
        return { steps: [{ put: 'user', row: better }], answer: undefined }
      })
    },
    scramReady: () => scramReady,
    watch(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    async [Symbol.asyncDispose]() {
      await inTurn(() => Promise.resolve())
      await store[Symbol.asyncDispose]()
    },
  }
}

function newPassword(row: UserRow, secret: Pick<UserRow, 'passwordHash' | 'scram'>): Partial<UserRow> {
  return { ...secret, passwordVersion: row.passwordVersion + 1 }
}

function hashProblem(hash: string): string | undefined {
  const parsed = parseStoredHash(hash)
  return isHashProblem(parsed) ? parsed.problem : undefined
}

/** Runs what it is given in the order of asking; one that fails does not hold up the next. */
function oneAfterTheOther(): <Result>(act: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return act => {
    const result = last.then(act)
    last = result.catch(() => {})
    return result
  }
}
