/** Questions about addresses, users, domains and aliases, answered from memory. */
import type { UserRow } from '#store/directory/rows.ts'
import type { Directory } from '../directory.ts'
import type { AccountId } from '../ids.ts'
import { domainOfRow } from './domain-changes.ts'
import type { Model } from './model.ts'
import { resolveAddress, type ResolveOptions } from './resolve.ts'
import { userNamed, userOfRow } from './user-changes.ts'

export type Lookups = Pick<
  Directory,
  'resolve' | 'maySendAs' | 'user' | 'userOf' | 'domains' | 'users' | 'deletedNames' | 'aliases'
>

export function lookupsIn(model: Model, options: ResolveOptions): Lookups {
  return {
    resolve: async address => resolveAddress(model, address, options),
    async maySendAs(account, address) {
      const resolution = resolveAddress(model, address, { ...options, catchAll: false })
      return resolution.kind === 'local' && resolution.targets.some(target => target.account === account)
    },
    async user(address) {
      const row = userNamed(model, address)
      return row && userOfRow(row)
    },
    async userOf(account) {
      const row = rowOf(model, account)
      return row && userOfRow(row)
    },
    domains: async () => [...model.domains.values()].map(domainOfRow),
    users: async () => [...model.users.values()].map(userOfRow),
    deletedNames: async () => [...model.deleted.keys()],
    aliases: async () => [...model.aliases.values()].map(({ row, targets }) => ({ address: row.address, targets })),
  }
}

export function rowOf(model: Model, account: AccountId): UserRow | undefined {
  return model.users.get(model.accounts.get(account) ?? '')
}
