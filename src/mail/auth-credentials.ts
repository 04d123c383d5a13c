/** What the authenticator asks of whoever keeps the users: today the directory, later a database of someone else's. */
import type { ScramHash, ScramVerifier } from './auth.ts'
import type { AccountId } from './ids.ts'

export type Credential = {
  readonly account: AccountId
  /** Canonical */
  readonly address: string
  readonly enabled: boolean
  /** As stored: a PHC string or `{SCHEME}…`; undefined while no password is set */
  readonly hash: string | undefined
  /** Another number means another password; a better hash of the same one keeps it */
  readonly version: number
  readonly scram: readonly ScramVerifier[]
  /** The one salt and count of this account, for all its SCRAM verifiers */
  readonly scramSalt: Uint8Array
  readonly scramIterations: number
}

export type Credentials = {
  /** `name`: a full address, or a local part that exactly one enabled user has. Rejects when the keeper cannot be asked. */
  credential(name: string): Promise<Credential | undefined>
  /** Everyone whose sessions may have to end is looked at again after each change. */
  credentialOf(account: AccountId): Promise<Credential | undefined>
  /** Another form of the same password. Nothing happens when the version has moved on. */
  upgradeCredential(
    account: AccountId,
    version: number,
    upgrade: { readonly hash?: string; readonly scram?: readonly ScramVerifier[] },
  ): Promise<void>
  /** Which verifiers are kept of a password */
  readonly scramHashes: readonly ScramHash[]
  /** Such verifiers are kept, and every enabled account has one */
  scramReady(hash: ScramHash): boolean
  watch(listener: () => void): Disposable
}
