import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountStore } from '#store/account/store.ts'
import { isBusy } from '#store/account/failures.ts'
import type { Database } from '#store/sqlite.ts'
import { busyAttempts, busyPauseMs } from './account-limits.ts'
import type { AccountId } from './ids.ts'

/**
 * Reads by key in one transaction. In WAL mode no writer is in the way; only while the last writer closes the database,
 * or one opens it after a crash, is it worth coming back a little later.
 */
export async function readAccount<Result>(
  store: AccountStore,
  id: AccountId,
  act: (database: Database) => Result,
): Promise<Result> {
  for (let attempt = 1; ; attempt++)
    try {
      await store.settle(id)
      const database = store.reader(id)
      return database.read(() => act(database))
    } catch (error) {
      if (!isBusy(error) || attempt === busyAttempts) throw error
      await sleep(busyPauseMs)
    }
}
