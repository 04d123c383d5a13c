/**
 * A foreign hash becomes ours, and a missing SCRAM verifier is made, while the password is known: after the answer, and again at
 * the next login if there is no room now.
 */
import type { Log } from '#base/log.ts'
import type { ScramHash } from './auth.ts'
import type { Credential, Credentials } from './auth-credentials.ts'
import type { AccountId } from './ids.ts'
import { type Passwords, wantsUpgrade } from './passwords/passwords.ts'
import { makeScramVerifiers } from './passwords/scram-verifier.ts'

export class CredentialImprovements {
  readonly #directory: Credentials
  readonly #passwords: Passwords
  readonly #log: Log
  /** By account: parallel logins need one */
  readonly #underWay = new Map<AccountId, Promise<void>>()

  constructor(directory: Credentials, passwords: Passwords, log: Log) {
    this.#directory = directory
    this.#passwords = passwords
    this.#log = log
  }

  /** `password` was right. */
  begin(credential: Credential, password: string): void {
    const { account } = credential
    const rehash = credential.hash !== undefined && wantsUpgrade(credential.hash)
    const missing = this.#directory.scramHashes.filter(hash => !credential.scram.some(one => one.hash === hash))
    if ((!rehash && missing.length === 0) || this.#underWay.has(account)) return
    const work = this.#improve(credential, password, rehash, missing)
      .catch(error => this.#log.info('A stored password was not improved', { account, reason: `${error}` }))
      .finally(() => this.#underWay.delete(account))
    this.#underWay.set(account, work)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #improve(
    credential: Credential,
    password: string,
    rehash: boolean,
    missing: readonly ScramHash[],
  ): Promise<void> {
    const hash = rehash ? await this.#passwords.hash(password) : undefined
    const { scramSalt, scramIterations } = credential
    const verifiers = await makeScramVerifiers(missing, password, scramSalt, scramIterations)
    await this.#directory.upgradeCredential(credential.account, credential.version, {
      ...(hash === undefined ? {} : { hash }),
      ...(verifiers.length === 0 ? {} : { scram: [...credential.scram, ...verifiers] }),
    })
  }
}
