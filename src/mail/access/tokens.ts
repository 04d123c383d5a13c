/** Tokens that programs show to JMAP (`Authorization: Bearer`, RFC 6750), each for all or for reading alone. */
import type { Login } from '../auth.ts'
import type { AccessRow } from '../directory/access-rows.ts'
import type { AccountId } from '../ids.ts'
import { NamedSecrets, type NamedSecret, type NamedSecretsParts, type SecretRefusal } from './named-secrets.ts'
import { newSecret } from './secrets.ts'

export const tokenScopes = ['all', 'read'] as const
export type TokenScope = (typeof tokenScopes)[number]
export type Token = NamedSecret & { readonly scope: TokenScope }

type Detail = { readonly scope: TokenScope }

export class Tokens {
  readonly #secrets: NamedSecrets

  constructor(parts: NamedSecretsParts) {
    this.#secrets = new NamedSecrets(parts, 'token')
  }

  /** `token` is in the answer, and nowhere else. */
  async add(
    account: AccountId,
    name: string,
    scope: TokenScope,
  ): Promise<(Token & { readonly token: string }) | SecretRefusal> {
    const token = newSecret()
    const added = await this.#secrets.add(account, name, token, { scope } satisfies Detail)
    return 'refused' in added ? added : { ...added, scope, token }
  }

  list(account: AccountId): readonly Token[] {
    const scopes = new Map(this.#secrets.rowsOf(account).map(row => [row.id, scopeOf(row)]))
    return this.#secrets.list(account).map(one => ({ ...one, scope: scopes.get(one.id) ?? 'read' }))
  }

  remove(account: AccountId, id: string): Promise<boolean> {
    return this.#secrets.remove(account, id)
  }

  login(token: string): Login | undefined {
    const row = this.#secrets.find(token)
    const login = row && this.#secrets.use(row)
    if (!login) return undefined
    return scopeOf(row) === 'all' ? login : { ...login, readOnly: true }
  }
}

function scopeOf({ detail }: AccessRow): TokenScope {
  return (JSON.parse(detail) as Detail).scope
}
