/** Read connections to accounts, opened on demand, the least recently used closed beyond a bound. No cursor outlives a call. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../sqlite.ts'
import { accountFailure } from './failures.ts'
import { openReaders, readerCacheKiB } from './limits.ts'
import { databasePath } from './open-account.ts'

export class ReaderConnections {
  readonly #folder: string
  readonly #busyTimeoutMs: number
  readonly #open = new Map<string, Database>()

  constructor(folder: string, options: { readonly busyTimeoutMs: number }) {
    this.#folder = folder
    this.#busyTimeoutMs = options.busyTimeoutMs
  }

  of(account: string): Database {
    let database = this.#open.get(account)
    if (database) this.#open.delete(account)
    else database = this.#connect(account)
    this.#open.set(account, database)
    if (this.#open.size > openReaders) {
      const [oldest] = this.#open.keys()
      if (oldest !== undefined) this.forget(oldest)
    }
    return database
  }

  #connect(account: string): Database {
    const path = databasePath(join(this.#folder, account))
    if (!existsSync(path)) throw accountFailure('NO_ACCOUNT', 'There is no such account')
    return new Database(path, {
      durability: 'FULL',
      readOnly: true,
      busyTimeoutMs: this.#busyTimeoutMs,
      cacheKiB: readerCacheKiB,
    })
  }

  forget(account: string): void {
    const database = this.#open.get(account)
    this.#open.delete(account)
    database?.close()
  }

  close(): void {
    for (const account of this.#open.keys()) this.forget(account)
  }
}
