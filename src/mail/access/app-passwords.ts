/**
 * App passwords: one for each program, made by us (140 bits), good for everything but signing in to the web. With them come SCRAM verifiers
 * under the account's one salt, so that a server that offers SCRAM takes them too.
 */
import { randomBytes } from 'node:crypto'
import type { Login, ScramHash, ScramVerifier } from '../auth.ts'
import { scramFromJson, scramToJson } from '../directory/credentials.ts'
import type { AccountId } from '../ids.ts'
import { makeScramVerifiers } from '../passwords/scram-verifier.ts'
import { NamedSecrets, type NamedSecret, type NamedSecretsParts, type SecretRefusal } from './named-secrets.ts'

type Detail = { readonly scram: string | null }

export type AppPasswordCheck = {
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
    const password = newAppPassword()
    const verifiers = await makeScramVerifiers(rows.scramHashes, password, owner.scramSalt, owner.scramIterations)
    const detail: Detail = { scram: scramToJson(verifiers) }
    const added = await this.#secrets.add(account, name, plainForm(password), detail)
    return 'refused' in added ? added : { ...added, password }
  }

  list(account: AccountId): readonly NamedSecret[] {
    return this.#secrets.list(account)
  }

  remove(account: AccountId, id: string): Promise<boolean> {
    return this.#secrets.remove(account, id)
  }

  login(account: AccountId, password: string): Login | undefined {
    const row = this.#secrets.find(plainForm(password))
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

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** 28 characters of 5 bits in groups of four, as people copy them. */
function newAppPassword(): string {
  const characters = [...randomBytes(28)].map(octet => base32[octet & 31] ?? '')
  return characters.map((character, at) => (at > 0 && at % 4 === 0 ? `-${character}` : character)).join('')
}

/** However the groups were typed. */
function plainForm(password: string): string {
  return password.slice(0, 100).replaceAll(/[\s-]/g, '').toLowerCase()
}
