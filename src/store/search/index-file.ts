/** search.db: opened, checked, thrown away. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isCorruption } from '../account/failures.ts'
import { readCounters } from '../account/tables/counters.ts'
import { Database } from '../sqlite.ts'
import { readLetterRow } from './letters.ts'
import { indexCacheKiB, indexFormat, walBytes } from './limits.ts'
import { deleteBlocks, endOfBlocks, IndexDamage, type IndexState, readSegments, readState } from './tables.ts'

const schema = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8')

export function indexPath(accountFolder: string): string {
  return join(accountFolder, 'search.db')
}

export function removeIndex(accountFolder: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${indexPath(accountFolder)}${suffix}`, { force: true })
}

export function isDamage(error: unknown): boolean {
  return error instanceof IndexDamage || isCorruption(error)
}

/**
 * For writing. One of another format, or one that cannot be opened, makes way for an empty one. The last second may be lost in a
 * crash, its watermark with it: the index is built from there again.
 */
export function openIndexForWriting(accountFolder: string): Database {
  const kept = existsSync(indexPath(accountFolder)) ? openKept(accountFolder) : undefined
  if (kept) return kept
  removeIndex(accountFolder)
  return withSchema(connect(accountFolder, false))
}

function openKept(accountFolder: string): Database | undefined {
  let database: Database | undefined
  try {
    database = connect(accountFolder, false)
    if (formatOf(database) === indexFormat) {
      removeLeftovers(database)
      return database
    }
  } catch (error) {
    if (!isDamage(error)) {
      database?.close()
      throw error
    }
  }
  database?.close()
  return undefined
}

/** After a burst the log would stay as large as it was. A search in the way only delays it. */
export function cutLog(accountFolder: string, database: Database): void {
  if (isLogLong(accountFolder)) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}

export function isLogLong(accountFolder: string): boolean {
  return (statSync(`${indexPath(accountFolder)}-wal`, { throwIfNoEntry: false })?.size ?? 0) > walBytes
}

/** For reading; undefined when there is none, or none of this format. */
export function openIndexForReading(accountFolder: string): Database | undefined {
  if (!existsSync(indexPath(accountFolder))) return undefined
  const database = connect(accountFolder, true)
  try {
    if (formatOf(database) === indexFormat) return database
  } catch (error) {
    database.close()
    throw error
  }
  database.close()
  return undefined
}

function connect(accountFolder: string, readOnly: boolean): Database {
  return new Database(indexPath(accountFolder), {
    durability: 'NORMAL',
    readOnly,
    busyTimeoutMs: 5000,
    cacheKiB: indexCacheKiB,
  })
}

function formatOf(database: Database): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}

function withSchema(database: Database): Database {
  database.write(() => {
    database.exec(schema)
    database.exec(`PRAGMA user_version = ${indexFormat}`)
  })
  return database
}

/** Blocks that a merge wrote before it was cut off. */
function removeLeftovers(database: Database): void {
  const state = readState(database)
  if (!state) return
  const segments = readSegments(database).toSorted((a, b) => a.firstBlock - b.firstBlock)
  database.write(() => {
    let from = 0
    for (const row of segments) {
      deleteBlocks(database, from, row.firstBlock)
      from = endOfBlocks(row)
    }
    deleteBlocks(database, from, Number.MAX_SAFE_INTEGER)
  })
}

/** Whether the index was made from this account as it is, and not from one before a restore or under an older copy of its file. */
export function isOfAccount(state: IndexState, account: Database): boolean {
  const counters = readCounters(account)
  if (!counters || state.epoch !== counters.epoch) return false
  if (state.indexed >= counters.nextEmail || state.removedModSeq > counters.modSeq) return false
  const mark = readLetterRow(account, state.markEmail)
  return mark === undefined || mark.checksum === state.markChecksum
}
