/**
 * App passwords: one for each program, made by us (140 bits), good for everything but signing in to the web. With them come SCRAM verifiers
 * under the account's one salt, so that a server that offers SCRAM takes them too.
 */
import type { Login, ScramHash, ScramVerifier } from '../auth.ts'
import { scramFromJson, scramToJson } from '../directory/credentials.ts'
import type { AccountId } from '../ids.ts'
import { makeScramVerifiers } from '../passwords/scram-verifier.ts'
import { NamedSecrets, type NamedSecret, type NamedSecretsParts, type SecretRefusal } from './named-secrets.ts'
import { randomGroups, withoutGroups } from './secrets.ts'

type Detail = { readonly scram: string | null }

export type AppPasswordCheck = {
  /** The account has a second factor: programs may not come by its main password */
  needed(account: AccountId): boolean
  /** Undefined: it is none of this account's. */
  login(account: AccountId, password: string): Login | undefined
  /** Who proves one of these has that app password. */
  verifiers(account: AccountId, hash: ScramHash): readonly AppPasswordVerifier[]
}

export type AppPasswordVerifier = { readonly verifier: ScramVerifier; login(): Login | undefined }

export class AppPasswords implements AppPasswordCheck {
  readonly #parts: NamedSecretsParts
  readonly #secrets: NamedSecrets

  constructor(parts: NamedSecretsParts) {
    this.#parts = parts
    this.#secrets = new NamedSecrets(parts, 'app-password')
  }

  /** `password` is in the answer, and nowhere else. */
  async add(account: AccountId, name: string): Promise<(NamedSecret & { readonly password: string }) | SecretRefusal> {
    const { rows } = this.#parts
    const owner = rows.owner(account)
    if (!owner) return { refused: 'no-such-user' }
    const password = randomGroups(28, 4)
    const verifiers = await makeScramVerifiers(rows.scramHashes, password, owner.scramSalt, owner.scramIterations)
    const detail: Detail = { scram: scramToJson(verifiers) }
    const added = await this.#secrets.add(account, name, withoutGroups(password), detail)
    return 'refused' in added ? added : { ...added, password }
  }

  needed(account: AccountId): boolean {
    return this.#parts.rows.of(account, 'totp').length > 0
  }

  list(account: AccountId): readonly NamedSecret[] {
    return this.#secrets.list(account)
  }

  remove(account: AccountId, id: string): Promise<boolean> {
    return this.#secrets.remove(account, id)
  }

  login(account: AccountId, password: string): Login | undefined {
    const row = this.#secrets.find(withoutGroups(password))
    return row?.account === account ? this.#secrets.use(row) : undefined
  }

  verifiers(account: AccountId, hash: ScramHash): readonly AppPasswordVerifier[] {
    return this.#secrets.rowsOf(account).flatMap(row => {
      const { scram } = JSON.parse(row.detail) as Detail
      const verifier = scram === null ? undefined : scramFromJson(scram).find(one => one.hash === hash)
      return verifier ? [{ verifier, login: () => this.#secrets.use(row) }] : []
    })
  }
}
