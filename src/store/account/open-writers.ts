/** The accounts that a writer thread has open, least recently used first; which of them cannot be trusted, and why. */
import { join } from 'node:path'
import type { Database } from '../sqlite.ts'
import type { AccountWriter } from './account-writer.ts'
import { AccountFailure, isDiskFull } from './failures.ts'
import { openPerWriter, recheckDamagedMs } from './limits.ts'
import { sweepOrphans } from './message-files.ts'
import { openAccount } from './open-account.ts'

export type OpenWritersOptions = {
  readonly folder: string
  readonly bootMark: string
  /** False: files that no row names may be needed all the same */
  readonly maySweep: () => boolean
  /** Called once the account is open, before anybody else sees it; may throw, which closes it again */
  readonly onOpen: (account: AccountWriter) => void
  /** Called before an account is closed to make room */
  readonly onClose: (account: AccountWriter) => void
}

export class OpenWriters {
  readonly #options: OpenWritersOptions
  readonly #open = new Map<string, AccountWriter>()
  /** Accounts whose last commit failed, with the connection that must not be used again. */
  readonly #suspect = new Map<string, { readonly database: Database; readonly check: boolean }>()
  readonly #swept = new Set<string>()
  /** Accounts whose check failed, and when (monotonic milliseconds). */
  readonly #damaged = new Map<string, { readonly error: unknown; readonly at: number }>()

  constructor(options: OpenWritersOptions) {
    this.#options = options
  }

  /** Throws AccountFailure and what SQLite says. */
  get(id: string): AccountWriter {
    let account = this.#open.get(id)
    if (account) this.#open.delete(id)
    else account = this.#openAnew(id)
    this.#open.set(id, account)
    if (this.#open.size > openPerWriter) this.#closeOldest()
    return account
  }

  /** This very one: not closed, not given up. */
  isOpen(account: AccountWriter): boolean {
    return this.#open.get(account.id) === account
  }

  #openAnew(id: string): AccountWriter {
    const failed = this.#suspect.get(id)
    const account = this.#openChecked(id, failed?.check ?? false)
    // Closed only now, as not the last connection: closing the last one would write through its descriptors again
    failed?.database.close()
    this.#suspect.delete(id)
    try {
      if (failed?.check) account.rewrite()
      this.#options.onOpen(account)
    } catch (error) {
      this.giveUp(account, error)
      throw error
    }
    if (!this.#swept.has(id) && this.#options.maySweep()) {
      this.#swept.add(id)
      sweepOrphans(account.database, account.folder, this.#options.bootMark)
    }
    return account
  }

  #openChecked(id: string, check: boolean): AccountWriter {
    const known = this.#damaged.get(id)
    if (known && performance.now() - known.at < recheckDamagedMs) throw known.error
    this.#damaged.delete(id)
    try {
      return openAccount(id, join(this.#options.folder, id), check || known !== undefined)
    } catch (error) {
      if (error instanceof AccountFailure && error.code === 'DAMAGED')
        this.#damaged.set(id, { error, at: performance.now() })
      throw error
    }
  }

  #closeOldest(): void {
    const [oldest] = this.#open.values()
    if (!oldest) return
    this.#options.onClose(oldest)
    // It may have been given up meanwhile
    if (this.#open.delete(oldest.id)) oldest.database.close()
  }

  /** What it has not committed is lost. */
  close(id: string): void {
    const account = this.#open.get(id)
    this.#open.delete(id)
    account?.database.close()
    this.#suspect.get(id)?.database.close()
    this.#suspect.delete(id)
    this.#damaged.delete(id)
  }

  closeAll(): void {
    for (const id of this.#open.keys()) this.close(id)
  }

  /** The connection is not to be trusted any more after `error`: the account is opened anew, and checked, before its next use. */
  giveUp(account: AccountWriter, error: unknown): void {
    account.database.rollBack()
    account.changes.clear()
    account.unneededFiles.length = 0
    this.#open.delete(account.id)
    this.#suspect.set(account.id, { database: account.database, check: !isDiskFull(error) })
  }
}
