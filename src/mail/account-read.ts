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
  return await attempt(store, id, act, () => store.settle(id))
}

/** The same without what was answered and waits for its commit: what is read is never among it. */
export async function readCommitted<Result>(
  store: AccountStore,
  id: AccountId,
  act: (database: Database) => Result,
): Promise<Result> {
  return await attempt(store, id, act, () => Promise.resolve())
}

async function attempt<Result>(
  store: AccountStore,
  id: AccountId,
  act: (database: Database) => Result,
  before: () => Promise<void>,
): Promise<Result> {
  for (let count = 1; ; count++)
    try {
      await before()
      const database = store.reader(id)
      return database.read(() => act(database))
    } catch (error) {
      if (!isBusy(error) || count === busyAttempts) throw error
      await sleep(busyPauseMs)
    }
}
