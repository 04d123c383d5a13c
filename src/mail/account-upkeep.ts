/** What is done in accounts from time to time: old rows are let go of, stored messages are read and compared with their checksums. */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { AccountStore } from '#store/account/store.ts'
import { maxRememberedUsage, tidyEveryMs } from './account-limits.ts'
import type { AccountId } from './ids.ts'

const scrubBatch = 100

export type UpkeepParts = {
  readonly store: AccountStore
  readonly clock: Clock
  readonly log: Log
  /** Brings the database to this release's form */
  open(account: AccountId): Promise<unknown>
}

export class AccountUpkeep {
  readonly #parts: UpkeepParts
  /** Changed since they were last tidied */
  readonly #changed = new Set<AccountId>()
  readonly #tidying: NodeJS.Timeout

  constructor(parts: UpkeepParts) {
    this.#parts = parts
    this.#tidying = setInterval(() => void this.#tidyChanged(), tidyEveryMs).unref()
  }

  changed(account: AccountId): void {
    if (this.#changed.size < maxRememberedUsage) this.#changed.add(account)
  }

  async #tidyChanged(): Promise<void> {
    for (const id of this.#changed) {
      this.#changed.delete(id)
      await this.tidy(id).catch((error: unknown) =>
        this.#parts.log.warn('The account could not be tidied', { account: id, error: String(error) }),
      )
    }
  }

  async tidy(id: AccountId): Promise<void> {
    const { clock, store } = this.#parts
    while ((await store.write(id, 'tidy', { nowMs: clock.now() })).removed > 0);
  }

  async scrub(
    id: AccountId,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly checked: number; readonly damaged: readonly number[] }> {
    const { open, store } = this.#parts
    await open(id)
    const damaged: number[] = []
    let checked = 0
    for (let fromEmail: number | undefined = 1; fromEmail !== undefined; ) {
      signal?.throwIfAborted()
      const part: Awaited<ReturnType<typeof store.scan<'scrub'>>> = await store.scan(id, 'scrub', {
        fromEmail,
        limit: scrubBatch,
      })
      checked += part.checked
      damaged.push(...part.damaged)
      fromEmail = part.nextEmail
    }
    return { checked, damaged }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#tidying)
  }
}
