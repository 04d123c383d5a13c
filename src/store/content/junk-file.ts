/** junk.db: opened, checked, thrown away. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isCorruption } from '../account/failures.ts'
import { readCounters } from '../account/tables/counters.ts'
import { Database } from '../sqlite.ts'
import { judgedCacheKiB, junkCacheKiB, junkFormat } from './limits.ts'
import { type JunkState, readState } from './tables.ts'

const schema = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8')

export function junkPath(accountFolder: string): string {
  return join(accountFolder, 'junk.db')
}

export function removeJunkFile(accountFolder: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${junkPath(accountFolder)}${suffix}`, { force: true })
}

/**
 * For writing. One of another format, or one that cannot be opened, makes way for an empty one. The last second may be lost in a
 * crash, its watermark with it: what happened since is learnt again.
 */
export function openJunkForWriting(accountFolder: string): Database {
  const kept = existsSync(junkPath(accountFolder)) ? openKept(accountFolder) : undefined
  if (kept) return kept
  removeJunkFile(accountFolder)
  const database = connect(accountFolder, false)
  database.write(() => {
    database.exec(schema)
    database.exec(`PRAGMA user_version = ${junkFormat}`)
  })
  return database
}

function openKept(accountFolder: string): Database | undefined {
  let database: Database | undefined
  try {
    database = connect(accountFolder, false)
    if (formatOf(database) === junkFormat) return database
  } catch (error) {
    if (!isCorruption(error)) {
      database?.close()
      throw error
    }
  }
  database?.close()
  return undefined
}

/** For reading; undefined when there is none, or none of this format, or it cannot be read. */
export function openJunkForReading(accountFolder: string): Database | undefined {
  if (!existsSync(junkPath(accountFolder))) return undefined
  let database: Database | undefined
  try {
    database = connect(accountFolder, true)
    if (formatOf(database) === junkFormat) return database
  } catch {
    // another thread makes it anew, or will: until then nothing is known
  }
  database?.close()
  return undefined
}

function connect(accountFolder: string, readOnly: boolean): Database {
  return new Database(junkPath(accountFolder), {
    durability: 'NORMAL',
    readOnly,
    busyTimeoutMs: 5000,
    cacheKiB: readOnly ? judgedCacheKiB : junkCacheKiB,
  })
}

function formatOf(database: Database): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}

/** Whether it was learnt from this account as it is, and under this seed. */
export function isOfAccount(state: JunkState, account: Database, seed: number): boolean {
  const counters = readCounters(account)
  return (
    counters !== undefined && state.seed === seed && state.epoch === counters.epoch && state.followed <= counters.modSeq
  )
}

/** The state of a readable file; undefined while nothing was ever learnt. */
export function readableState(junk: Database): JunkState | undefined {
  try {
    return readState(junk)
  } catch (error) {
    if (isCorruption(error)) return undefined
    throw error
  }
}
