/** Derived columns of an account, in files beside its database. */
import type { Log } from '#base/log.ts'
import { readColumn, writeColumn } from '#store/account/kept-columns.ts'
import type { AccountStore } from '#store/account/store.ts'
import { readCounters } from '#store/account/tables/counters.ts'
import { readAccount } from '../account-read.ts'
import type { AccountId } from '../ids.ts'
import type { KeptColumns } from './derived.ts'

type Place = { readonly account: AccountId; readonly folder: string; readonly store: AccountStore; readonly log: Log }

export function columnsIn({ account, folder, log, store }: Place): KeptColumns {
  const epoch = () => readAccount(store, account, database => readCounters(database)?.epoch ?? 0)
  const failed = (error: unknown) => {
    log.warn('A column of emails could not be kept', { account, error: String(error) })
    return undefined
  }
  return {
    read: async name => await readColumn(folder, name, await epoch()).catch(failed),
    write: async (name, column) => {
      const { ids, received, values } = column
      const own = { ids: Float64Array.from(ids), received: Float64Array.from(received), values }
      await writeColumn(folder, name, await epoch(), own).catch(failed)
    },
  }
}
