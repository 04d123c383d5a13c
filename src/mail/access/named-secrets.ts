/** Secrets with a name that their owner gives them, each revoked alone: app passwords, tokens. Shown once; a keyed hash is kept. */
import type { Clock } from '#base/clock.ts'
import type { Login } from '../auth.ts'
import type { AccessKind, AccessRow, AccessRows } from '../directory/access-rows.ts'
import type { AccountId } from '../ids.ts'
import type { LivingAccess } from './living.ts'
import { newId, secretHash } from './secrets.ts'

const maxPerAccount = 50
const maxNameCharacters = 100
/** The last use is on disk, to the hour. */
const touchMs = 60 * 60_000

export type NamedSecret = {
  readonly id: string
  readonly name: string
  /** Milliseconds since 1970 */
  readonly createdAt: number
  /** To the hour */
  readonly lastUsedAt: number | undefined
}

export type SecretRefusal = { readonly refused: 'no-such-user' | 'bad-name' | 'too-many' }

export type NamedSecretsParts = {
  readonly rows: AccessRows
  readonly clock: Clock
  readonly key: Uint8Array
  readonly living: LivingAccess
}

export class NamedSecrets {
  readonly #parts: NamedSecretsParts
  readonly #kind: AccessKind

  constructor(parts: NamedSecretsParts, kind: AccessKind) {
    this.#parts = parts
    this.#kind = kind
  }

  async add(account: AccountId, name: string, secret: string, detail: object): Promise<NamedSecret | SecretRefusal> {
    const { rows, clock } = this.#parts
    const trimmed = name.normalize('NFC').trim()
    if (trimmed === '' || trimmed.length > maxNameCharacters || /\p{Cc}/u.test(trimmed)) return { refused: 'bad-name' }
    const row: AccessRow = {
      id: newId(),
      account,
      kind: this.#kind,
      hash: this.#hash(secret),
      name: trimmed,
      detail: JSON.stringify(detail),
      createdAt: clock.now(),
      lastUsedAt: null,
    }
    let refused: SecretRefusal | undefined
    await rows.change(() => {
      if (!rows.owner(account)) refused = { refused: 'no-such-user' }
      else if (rows.of(account, this.#kind).length >= maxPerAccount) refused = { refused: 'too-many' }
      return refused ? undefined : { put: [row] }
    })
    return refused ?? shown(row)
  }

  list(account: AccountId): readonly NamedSecret[] {
    return this.#parts.rows.of(account, this.#kind).map(shown)
  }

  rowsOf(account: AccountId): readonly AccessRow[] {
    return this.#parts.rows.of(account, this.#kind)
  }

  /** False: this account has none of this id. */
  async remove(account: AccountId, id: string): Promise<boolean> {
    const { rows } = this.#parts
    let found = false
    await rows.change(() => {
      const row = rows.named(id)
      found = row?.kind === this.#kind && row.account === account
      return found ? { drop: [id] } : undefined
    })
    return found
  }

  /** Undefined: nobody has this secret, or its owner may not come in. */
  find(secret: string): AccessRow | undefined {
    const row = this.#parts.rows.hashed(this.#hash(secret))
    return row?.kind === this.#kind ? row : undefined
  }

  /** Whoever has shown it. Undefined: its owner may not come in. */
  use(row: AccessRow): Login | undefined {
    const { rows, living, clock } = this.#parts
    const owner = rows.owner(row.account as AccountId)
    if (!owner?.enabled || !rows.named(row.id)) return undefined
    const now = clock.now()
    if (now - (row.lastUsedAt ?? 0) >= touchMs) void this.#touch(row.id, now).catch(() => undefined)
    const { account, address } = owner
    return { account, address, ended: living.signal(row.id, account), by: row.id }
  }

  #touch(id: string, now: number): Promise<void> {
    const { rows } = this.#parts
    return rows.change(() => {
      const row = rows.named(id)
      return row && now - (row.lastUsedAt ?? 0) >= touchMs ? { put: [{ ...row, lastUsedAt: now }] } : undefined
    })
  }

  #hash(secret: string): string {
    return secretHash(this.#parts.key, this.#kind, secret)
  }
}

function shown({ id, name, createdAt, lastUsedAt }: AccessRow): NamedSecret {
  return { id, name, createdAt, lastUsedAt: lastUsedAt ?? undefined }
}
