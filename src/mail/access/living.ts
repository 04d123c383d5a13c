/** What is open under a row of access: it ends when the row goes, or when its user is disabled or removed. */
import type { AccessRows } from '../directory/access-rows.ts'
import type { AccountId } from '../ids.ts'

export class LivingAccess implements Disposable {
  readonly #rows: AccessRows
  /** Of rows that were used since the start: bounded by the rows. */
  readonly #living = new Map<string, { readonly account: AccountId; readonly controller: AbortController }>()
  readonly #watch: Disposable

  constructor(rows: AccessRows) {
    this.#rows = rows
    this.#watch = rows.watch(() => this.#endDropped())
  }

  /** For a row that is there now. */
  signal(id: string, account: AccountId): AbortSignal {
    const living = this.#living.get(id) ?? { account, controller: new AbortController() }
    this.#living.set(id, living)
    return living.controller.signal
  }

  #endDropped(): void {
    for (const [id, { account, controller }] of this.#living) {
      if (this.#rows.named(id) && this.#rows.owner(account)?.enabled === true) continue
      this.#living.delete(id)
      controller.abort(new Error('What this was opened by is no longer good'))
    }
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
  }
}
