/** When a writer thread writes the WALs of its accounts back: never while somebody waits for an answer. */
import type { AccountWriter } from './account-writer.ts'
import { checkpointDelayMs, checkpointPages, largeCommitPages, maxWalPages } from './limits.ts'

export type CheckpointsOptions = {
  /** Sends the answers that are ready */
  readonly flush: () => void
  /** False: its connection is closed, or must not be used again */
  readonly isOpen: (account: AccountWriter) => boolean
}

export class Checkpoints {
  readonly #options: CheckpointsOptions
  /** Pages that waited in the WAL after the commit before */
  readonly #pages = new WeakMap<AccountWriter, number>()
  readonly #waiting = new Set<AccountWriter>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: CheckpointsOptions) {
    this.#options = options
  }

  /**
   * Many small commits are written back as soon as they are worth it. After a large one the next command is likely to come at
   * once: it goes first, and what both of them change is written back once.
   */
  afterCommit(account: AccountWriter): void {
    try {
      const pages = account.walPages
      const before = this.#pages.get(account) ?? 0
      this.#pages.set(account, pages)
      if (pages < checkpointPages) return
      const isLarge = pages - before >= largeCommitPages || this.#waiting.has(account)
      if (isLarge && pages < maxWalPages) return this.#plan(account)
      this.#options.flush()
      this.#checkpoint(account)
    } catch {
      // A full or unreadable disk: the next commit will say so
    }
  }

  #plan(account: AccountWriter): void {
    this.#waiting.add(account)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const one of this.#waiting) this.#checkpointLater(one)
    }, checkpointDelayMs)
  }

  #checkpointLater(account: AccountWriter): void {
    this.#waiting.delete(account)
    if (!this.#options.isOpen(account)) return
    try {
      this.#checkpoint(account)
    } catch {
      // As above
    }
  }

  /** A reader in the way only delays it. */
  #checkpoint(account: AccountWriter): void {
    this.#waiting.delete(account)
    account.checkpoint()
    this.#pages.set(account, account.walPages)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
