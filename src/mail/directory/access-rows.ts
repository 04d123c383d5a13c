/** Rows of what opens accounts besides their passwords, for those who know what they mean: mail/access. */
import type { AccessRow, DirectoryStep } from '#store/directory/rows.ts'
import type { ScramHash } from '../auth.ts'
import type { Credential } from '../auth-credentials.ts'
import type { AccountId } from '../ids.ts'
import type { AccessKind } from './access-index.ts'
import type { Changes } from './changes.ts'
import { rowOf } from './lookups.ts'
import type { Model } from './model.ts'

export type { AccessRow } from '#store/directory/rows.ts'
export type { AccessKind } from './access-index.ts'

export type AccessOwner = Pick<Credential, 'account' | 'address' | 'enabled' | 'scramSalt' | 'scramIterations'>
export type AccessChange = { readonly put?: readonly AccessRow[]; readonly drop?: readonly string[] }

export type AccessRows = {
  /** Undefined: there is no such user any more */
  owner(account: AccountId): AccessOwner | undefined
  named(id: string): AccessRow | undefined
  hashed(hash: string): AccessRow | undefined
  of(account: AccountId, kind: AccessKind): readonly AccessRow[]
  all(): Iterable<AccessRow>
  /** `plan` sees the rows as they are when its turn has come; on disk when it resolves. Undefined: nothing is to be done. */
  change(plan: () => AccessChange | undefined): Promise<void>
  /** Verifiers that are kept of what somebody may log in by with SCRAM */
  readonly scramHashes: readonly ScramHash[]
  /** After each change of rows or users, whoever made it; memory has changed by then. */
  watch(listener: () => void): Disposable
}

export function accessRowsIn(model: Model, changes: Changes, scramHashes: readonly ScramHash[]): AccessRows {
  return {
    owner(account) {
      const row = rowOf(model, account)
      if (!row) return undefined
      const { address, scramSalt, scramIterations } = row
      return { account, address, enabled: row.enabled !== 0, scramSalt, scramIterations }
    },
    named: id => model.access.named(id),
    hashed: hash => model.access.hashed(hash),
    of: (account, kind) => model.access.of(account, kind),
    all: () => model.access.all(),
    async change(plan) {
      await changes.make(() => ({ steps: stepsOf(plan()), answer: undefined }))
    },
    scramHashes,
    watch: listener => changes.watchAll(listener),
  }
}

function stepsOf({ put = [], drop = [] }: AccessChange = {}): readonly DirectoryStep[] {
  return [...drop.map(key => ({ drop: 'access', key }) as const), ...put.map(row => ({ put: 'access', row }) as const)]
}
