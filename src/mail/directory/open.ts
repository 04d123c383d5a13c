/**
 * The directory over directory.db: answers from memory, changes one after the other, each on disk before it is visible.
 *
 * Invariants: a change is planned against the model that it is applied to (nothing runs between the two but the commit); no
 * password or hash leaves through `Directory`; listeners are called after memory has changed.
 */
import { join } from 'node:path'
import { openDirectoryStore } from '#store/directory/directory-store.ts'
import type { UserRow } from '#store/directory/rows.ts'
import type { ScramHash } from '../auth.ts'
import type { Credentials } from '../auth-credentials.ts'
import type { Directory } from '../directory.ts'
import { type AccessRows, accessRowsIn } from './access-rows.ts'
import { type AdministrationParts, administrationOf } from './administration.ts'
import { Changes } from './changes.ts'
import { allHaveScram, credentialOfRow, scramToJson, userOfLogin, withoutOtherScram } from './credentials.ts'
import { lookupsIn, rowOf } from './lookups.ts'
import { type Model, modelOf } from './model.ts'

export type DirectoryOptions = Pick<AdministrationParts, 'clock' | 'passwords' | 'createAccount'> & {
  /** Verifiers that are kept of passwords; SHA-256 alone unless told. Others that are there already go. */
  readonly scramHashes?: readonly ScramHash[]
  /** Where `directory.db` lies: the data folder */
  readonly folder: string
  /** An address of ours that reads postmaster@ and abuse@ of every domain; the oldest user when undefined */
  readonly postmaster?: string | undefined
}

export type OpenDirectory = Directory & Credentials & AsyncDisposable & { readonly access: AccessRows }

export async function openDirectory(options: DirectoryOptions): Promise<OpenDirectory> {
  const store = await openDirectoryStore(join(options.folder, 'directory.db'))
  const model = modelOf(store.rows)
  const changes = new Changes(store, model)
  const scramHashes = options.scramHashes ?? ['sha-256']
  const others = withoutOtherScram(model, scramHashes)
  if (others.length > 0)
    await changes.make(() => ({ steps: others.map(row => ({ put: 'user', row })), answer: undefined }))
  return {
    ...lookupsIn(model, options),
    ...administrationOf({ ...options, model, changes, scramHashes }),
    ...credentialsIn(model, changes, scramHashes),
    access: accessRowsIn(model, changes, scramHashes),
    watch: listener => changes.watch(listener),
    async [Symbol.asyncDispose]() {
      await changes.inTurn(async () => {})
      await store[Symbol.asyncDispose]()
    },
  }
}

/** What logins ask; the only way by which hashes leave. */
function credentialsIn(model: Model, changes: Changes, scramHashes: readonly ScramHash[]): Omit<Credentials, 'watch'> {
  const ready = () => new Set(scramHashes.filter(hash => allHaveScram(model, hash)))
  let scramReady = ready()
  changes.watch(() => (scramReady = ready()))
  return {
    async credential(name) {
      const row = userOfLogin(model, name)
      return row && credentialOfRow(row)
    },
    async credentialOf(account) {
      const row = rowOf(model, account)
      return row && credentialOfRow(row)
    },
    async upgradeCredential(account, version, upgrade) {
      await changes.make(() => {
        const row = rowOf(model, account)
        if (!row || row.passwordVersion !== version) return { steps: [], answer: undefined }
        const better: UserRow = {
          ...row,
          passwordHash: upgrade.hash ?? row.passwordHash,
          scram: upgrade.scram ? scramToJson(upgrade.scram) : row.scram,
        }
        return { steps: [{ put: 'user', row: better }], answer: undefined }
      })
    },
    scramHashes,
    scramReady: hash => scramReady.has(hash),
  }
}
