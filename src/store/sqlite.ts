/** The only import of node:sqlite (newer Nodes rename its classes). */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type { SQLInputValue, StatementSync }

export type Durability =
  /** A commit waits for the disk: everything that was answered with 250 or OK. */
  | 'FULL'
  /** The last second may be lost, the file stays whole: trace events. */
  | 'NORMAL'

export type DatabaseOptions = {
  readonly durability: Durability
  readonly readOnly?: boolean
  /** How long to wait for another connection's lock, milliseconds. 0 on the main thread. */
  readonly busyTimeoutMs?: number
  readonly cacheKiB?: number
  /** Of a database that is made now: smaller pages make lone small commits cheaper, larger ones long scans. 8192 unless told. */
  readonly pageSizeBytes?: number
}

/** A connection with its statements prepared once. Synchronous: lives in writer and reader threads, or for reads by key. */
export class Database {
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #durability: Durability

  constructor(path: string, options: DatabaseOptions) {
    this.#durability = options.durability
    this.#connection = new DatabaseSync(path, {
      readOnly: options.readOnly ?? false,
      timeout: options.busyTimeoutMs ?? 0,
      enableForeignKeyConstraints: false,
    })
    if (!options.readOnly) {
      this.#connection.exec(
        `PRAGMA page_size = ${options.pageSizeBytes ?? 8192}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL`,
      )
      this.#connection.exec(`PRAGMA synchronous = ${options.durability}`)
    }
    this.#connection.exec(`PRAGMA cache_size = -${options.cacheKiB ?? 512}; PRAGMA temp_store = MEMORY`)
  }

  /** The prepared statement for this text, kept for the connection's life. Use constants, never text made of values. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  exec(sql: string): void {
    this.#connection.exec(sql)
  }

  /** How the commits from here on are kept. Not to be changed inside a transaction. */
  set durability(durability: Durability) {
    if (durability === this.#durability) return
    this.#connection.exec(`PRAGMA synchronous = ${durability}`)
    this.#durability = durability
  }

  /** Runs `act` in one IMMEDIATE transaction; it must not await. Any throw rolls back. */
  write<Result>(act: () => Result): Result {
    this.#connection.exec('BEGIN IMMEDIATE')
    try {
      const result = act()
      this.#connection.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
      throw error
    }
  }

  /** One consistent view for several reads. */
  read<Result>(act: () => Result): Result {
    this.#connection.exec('BEGIN')
    try {
      return act()
    } finally {
      this.#connection.exec('COMMIT')
    }
  }

  /** Runs `act` so that its failure undoes only its own changes and the transaction around it goes on. */
  savepoint<Result>(act: () => Result): Result {
    // Prepared, as they stand around each operation of a group
    this.prepare('SAVEPOINT item').run()
    try {
      const result = act()
      this.prepare('RELEASE item').run()
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK TO item; RELEASE item')
      throw error
    }
  }

  /** The same for what finds out by itself whether it may stand: false undoes it. */
  savepointIf(act: () => boolean): boolean {
    this.prepare('SAVEPOINT attempt').run()
    let stands = false
    try {
      stands = act()
      return stands
    } finally {
      if (this.#connection.isTransaction)
        this.#connection.exec(stands ? 'RELEASE attempt' : 'ROLLBACK TO attempt; RELEASE attempt')
    }
  }

  get inTransaction(): boolean {
    return this.#connection.isTransaction
  }

  /** Undoes an open transaction as far as SQLite has not done so itself; never throws. */
  rollBack(): void {
    try {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
    } catch {
      // The connection is given up by whoever calls this
    }
  }

  close(): void {
    this.#statements.clear()
    this.#connection.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Brings a database to the newest of the numbered `.sql` files in `folder` (0001-initial.sql …), each in its own transaction.
 * The number reached is kept in PRAGMA user_version. A file from a newer release is opened as it is (expand/contract).
 */
export function migrate(database: Database, folder: string): void {
  const files = migrationsIn(folder)
  const { user_version: reached } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  for (const file of files) {
    if (file.number <= reached) continue
    database.write(() => {
      database.exec(file.sql)
      database.exec(`PRAGMA user_version = ${file.number}`)
    })
  }
}

type Migration = { readonly number: number; readonly sql: string }
const migrationCache = new Map<string, readonly Migration[]>()

function migrationsIn(folder: string): readonly Migration[] {
  let files = migrationCache.get(folder)
  if (!files) {
    files = readdirSync(folder)
      .filter(name => /^\d{4}-.*\.sql$/.test(name))
      .sort()
      .map(name => ({ number: Number(name.slice(0, 4)), sql: readFileSync(join(folder, name), 'utf8') }))
    migrationCache.set(folder, files)
  }
  return files
}
