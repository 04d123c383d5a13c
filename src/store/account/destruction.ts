/** Destroys doomed emails in the background of a writer thread: short transactions of their own, account by account in turns. */
import type { AccountWriter } from './account-writer.ts'
import { destroySome } from './doomed.ts'
import type { DeferredCommits } from './journal/deferred.ts'
import { destructionDelayMs, destructionPauseMs, owedRetryMs } from './limits.ts'
import type { OpenWriters } from './open-writers.ts'

export type DestructionOptions = {
  readonly writers: OpenWriters
  readonly deferred: DeferredCommits
  /** Runs `act` between the batches */
  readonly between: (act: () => void) => void
  readonly committed: (account: AccountWriter) => void
  readonly failed: (account: string, error: unknown) => void
}

export class Destruction {
  readonly #options: DestructionOptions
  /** Ids of accounts that have doomed emails, as far as they are known here */
  readonly #accounts = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: DestructionOptions) {
    this.#options = options
  }

  /** To be called when an account was opened, and after each commit. */
  look(account: AccountWriter): void {
    if (!account.hasDoomed) return
    this.#accounts.add(account.id)
    this.#plan(destructionDelayMs)
  }

  forget(account: string): void {
    this.#accounts.delete(account)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #plan(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      let pauseMs = destructionPauseMs
      this.#options.between(() => {
        if (!this.#step()) pauseMs = owedRetryMs
      })
      this.#timer = undefined
      if (this.#accounts.size > 0) this.#plan(pauseMs)
    }, delayMs)
  }

  /** False when it went wrong: the disk may be full, or worse. */
  #step(): boolean {
    const [id] = this.#accounts
    if (id === undefined) return true
    this.#accounts.delete(id)
    let account: AccountWriter | undefined
    try {
      account = this.#options.writers.get(id)
      if (!this.#destroyIn(account)) this.#accounts.add(id)
      return true
    } catch (error) {
      if (account) this.#options.writers.giveUp(account, error)
      this.#options.failed(id, error)
      this.#accounts.add(id)
      return false
    }
  }

  #destroyIn(account: AccountWriter): boolean {
    const { database } = account
    this.#options.deferred.commit(account.id)
    database.durability = 'FULL'
    database.exec('BEGIN IMMEDIATE')
    const done = account.operation(() => destroySome(account))
    database.exec('COMMIT')
    account.hasDoomed = !done
    this.#options.committed(account)
    return done
  }
}
