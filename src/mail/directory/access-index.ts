/** What opens accounts besides their passwords, and what such logins have asked for (`push`), in memory: by id, by hash, by account. */
import type { AccessRow } from '#store/directory/rows.ts'

export type AccessKind = 'session' | 'app-password' | 'token' | 'totp' | 'recovery-code' | 'passkey' | 'push'

export class AccessIndex {
  readonly #byId = new Map<string, AccessRow>()
  readonly #byHash = new Map<string, AccessRow>()
  readonly #byAccount = new Map<string, Set<string>>()

  put(row: AccessRow): void {
    this.drop(row.id)
    this.#byId.set(row.id, row)
    if (row.hash !== null) this.#byHash.set(row.hash, row)
    const ids = this.#byAccount.get(row.account) ?? new Set()
    this.#byAccount.set(row.account, ids.add(row.id))
  }

  drop(id: string): void {
    const row = this.#byId.get(id)
    if (!row) return
    this.#byId.delete(id)
    if (row.hash !== null) this.#byHash.delete(row.hash)
    const ids = this.#byAccount.get(row.account)
    ids?.delete(id)
    if (ids?.size === 0) this.#byAccount.delete(row.account)
  }

  named(id: string): AccessRow | undefined {
    return this.#byId.get(id)
  }

  hashed(hash: string): AccessRow | undefined {
    return this.#byHash.get(hash)
  }

  /** All kinds unless one is named */
  of(account: string, kind?: AccessKind): readonly AccessRow[] {
    const rows: AccessRow[] = []
    for (const id of this.#byAccount.get(account) ?? []) {
      const row = this.#byId.get(id)
      if (row && (kind === undefined || row.kind === kind)) rows.push(row)
    }
    return rows
  }

  all(): Iterable<AccessRow> {
    return this.#byId.values()
  }
}
