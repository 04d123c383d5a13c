/** Confirmations wait for a commit that happens anyway; none costs a sync of its own unless the account stays quiet. */
import type { Log } from '#base/log.ts'
import type { Confirmation } from '#store/account/operations.ts'
import { confirmWithinMs, maxWaitingConfirmations } from './account-limits.ts'
import type { AccountId, DeliveryId } from './ids.ts'

type Waiting = { readonly confirms: Confirmation[]; count: number }

export class Confirmations {
  readonly #write: (account: AccountId, confirms: readonly Confirmation[]) => Promise<void>
  readonly #log: Log
  readonly #waiting = new Map<AccountId, Waiting>()
  #timer: NodeJS.Timeout | undefined

  constructor(write: (account: AccountId, confirms: readonly Confirmation[]) => Promise<void>, log: Log) {
    this.#write = write
    this.#log = log
  }

  add(account: AccountId, recipient: string, ids: readonly DeliveryId[]): void {
    const waiting = this.#waiting.get(account) ?? { confirms: [], count: 0 }
    waiting.confirms.push({ recipient, ids })
    waiting.count += ids.length
    this.#waiting.set(account, waiting)
    if (waiting.count > maxWaitingConfirmations) void this.#flush(account)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#flushAll()
    }, confirmWithinMs).unref()
  }

  /** For the next commit of this account; to be given back when that fails. */
  take(account: AccountId): readonly Confirmation[] {
    const waiting = this.#waiting.get(account)
    if (!waiting) return none
    this.#waiting.delete(account)
    return waiting.confirms
  }

  giveBack(account: AccountId, confirms: readonly Confirmation[]): void {
    for (const { recipient, ids } of confirms) this.add(account, recipient, ids as readonly DeliveryId[])
  }

  forget(account: AccountId): void {
    this.#waiting.delete(account)
  }

  async #flush(account: AccountId): Promise<void> {
    const confirms = this.take(account)
    if (confirms.length === 0) return
    try {
      await this.#write(account, confirms)
    } catch (error) {
      // Without them a later copy may be taken for a repeat: that they were lost must be seen
      this.#log.warn('Confirmations could not be kept', { account, error: String(error) })
    }
  }

  async #flushAll(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map(account => this.#flush(account)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    await this.#flushAll()
  }
}

const none: readonly Confirmation[] = []
