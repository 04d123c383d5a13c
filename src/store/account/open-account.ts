/** Opening, creating and checking an account's database in its writer thread. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Database, migrate } from '../sqlite.ts'
import { AccountWriter } from './account-writer.ts'
import { accountFailure } from './failures.ts'
import { pageSizeBytes, walLimitBytes, writerCacheKiB } from './limits.ts'
import { addMailbox } from './mailboxes.ts'
import { syncFolderNow } from './message-files.ts'
import { insertCounters, readCounters } from './tables/counters.ts'
import { setSubscription } from './tables/subscription.ts'

const migrations = fileURLToPath(new URL('./migrations/', import.meta.url))

export function databasePath(folder: string): string {
  return join(folder, 'account.db')
}

function openDatabase(folder: string): Database {
  const database = new Database(databasePath(folder), {
    durability: 'FULL',
    busyTimeoutMs: 5000,
    cacheKiB: writerCacheKiB,
    pageSizeBytes,
  })
  // Checkpoints are made after the answers have been given, never inside a commit
  database.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${walLimitBytes}`)
  return database
}

/** `check`: the last commit failed, so the file is read through before it is trusted again. */
export function openAccount(id: string, folder: string, check: boolean): AccountWriter {
  if (!existsSync(databasePath(folder))) throw accountFailure('NO_ACCOUNT', 'There is no such account')
  const database = openDatabase(folder)
  try {
    if (check) quickCheck(database)
    migrate(database, migrations)
    return new AccountWriter(id, folder, database)
  } catch (error) {
    database.close()
    throw error
  }
}

function quickCheck(database: Database): void {
  const rows = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[]
  if (rows[0]?.quick_check !== 'ok')
    throw accountFailure('DAMAGED', `The database is damaged: ${rows[0]?.quick_check ?? 'no answer'}`)
}

/** Makes the account with its first mailboxes; one that exists stays as it is. `names`: role → name, the inbox aside. */
export function createAccount(
  folder: string,
  id: string,
  names: Readonly<Record<string, string>>,
  nowMs: number,
): void {
  mkdirSync(join(folder, 'messages'), { recursive: true, mode: 0o700 })
  const database = openDatabase(folder)
  try {
    migrate(database, migrations)
    if (readCounters(database)) return
    database.write(() => {
      insertCounters(database, Math.floor(nowMs / 1000), JSON.stringify(names))
      const account = new AccountWriter(id, folder, database)
      account.operation(() => {
        for (const [role, name] of [['inbox', 'INBOX'], ...Object.entries(names)] as [string, string][]) {
          addMailbox(account, name, role, nowMs)
          setSubscription(database, name, true)
        }
      })
    })
    // The database, its folder, the entry of the folder itself, and that of the folder of all accounts, which the first one makes
    syncFolderNow(folder)
    syncFolderNow(join(folder, '..'))
    syncFolderNow(join(folder, '..', '..'))
  } finally {
    database.close()
  }
}
