/** Rows of what opens accounts besides their passwords, for those who know what they mean: mail/access. */
import type { AccessRow, DirectoryStep } from '#store/directory/rows.ts'
import type { AccountId } from '../ids.ts'
import type { AccessKind } from './access-index.ts'
import type { Changes } from './changes.ts'
import { rowOf } from './lookups.ts'
import type { Model } from './model.ts'

export type { AccessRow } from '#store/directory/rows.ts'
export type { AccessKind } from './access-index.ts'

export type AccessOwner = { readonly account: AccountId; readonly address: string; readonly enabled: boolean }
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
  /** After each change of rows, whoever made it; memory has changed by then. */
  watch(listener: () => void): Disposable
}

export function accessRowsIn(model: Model, changes: Changes): AccessRows {
  return {
    owner(account) {
      const row = rowOf(model, account)
      return row && { account, address: row.address, enabled: row.enabled !== 0 }
    },
    named: id => model.access.named(id),
    hashed: hash => model.access.hashed(hash),
    of: (account, kind) => model.access.of(account, kind),
    all: () => model.access.all(),
    async change(plan) {
      await changes.make(() => ({ steps: stepsOf(plan()), answer: undefined }))
    },
    watch: listener => changes.watchAccess(listener),
  }
}

function stepsOf({ put = [], drop = [] }: AccessChange = {}): readonly DirectoryStep[] {
  return [...drop.map(key => ({ drop: 'access', key }) as const), ...put.map(row => ({ put: 'access', row }) as const)]
}
