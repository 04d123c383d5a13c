/** Domains, users, aliases: the nouns of administration. Reads are answered from memory; writes are on disk when they resolve. */
import type { AccountId } from './ids.ts'

export type Domain = {
  /** Lower case, A-labels (RFC 5891) */
  readonly name: string
  /** Where mail for unknown local parts goes: an address of ours */
  readonly catchAll: string | undefined
  /** Characters that begin a sub-address, usually '+'. RFC 5233 */
  readonly separators: string
}

export type User = {
  readonly account: AccountId
  /** Canonical */
  readonly address: string
  readonly name: string
  readonly enabled: boolean
  readonly language: 'en' | 'ja'
  readonly quotaBytes: number | undefined
  /** May see and set the quotas of others */
  readonly administrator: boolean
  /** The mailbox that POP3 shows to this user; undefined: what the configuration says */
  readonly pop3Mailbox: string | undefined
  /** `argon2id`, `SHA512-CRYPT`, …; undefined while no password is set */
  readonly passwordScheme: string | undefined
  readonly createdAt: number
}

export type Alias = { readonly address: string; readonly targets: readonly string[] }

export type Resolution =
  | { readonly kind: 'local'; readonly targets: readonly LocalTarget[] }
  /** The domain is ours, the name is not (or was deleted) */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'disabled' }
  /** Not one of our domains: relaying is somebody else's decision */
  | { readonly kind: 'foreign' }

export type LocalTarget = {
  readonly account: AccountId
  readonly address: string
  /** The sub-address without its separator */
  readonly detail: string | undefined
}

export type Directory = {
  /** Order: user, alias, sub-address, catch-all; disabled or deleted names never fall to the catch-all. postmaster and abuse exist in every domain. */
  resolve(address: string): Promise<Resolution>
  /** The addresses this user may put into MAIL FROM and From: own, aliases that point to the user, and sub-addresses of both */
  maySendAs(account: AccountId, address: string): Promise<boolean>
  user(address: string): Promise<User | undefined>
  userOf(account: AccountId): Promise<User | undefined>

  domains(): Promise<readonly Domain[]>
  users(): Promise<readonly User[]>
  aliases(): Promise<readonly Alias[]>
  /** Names that users and aliases had: nobody's, and not the catch-all's either */
  deletedNames(): Promise<readonly string[]>

  addDomain(name: string): Promise<Domain | DirectoryRefusal>
  removeDomain(name: string): Promise<object | DirectoryRefusal>
  setCatchAll(domain: string, address: string | undefined): Promise<object | DirectoryRefusal>
  addUser(user: {
    address: string
    name?: string
    language?: 'en' | 'ja'
    password?: string
    passwordHash?: string
    quotaBytes?: number
  }): Promise<User | DirectoryRefusal>
  /** The account's mail stays on disk until purged; the address is not reusable for 30 days. */
  removeUser(address: string): Promise<object | DirectoryRefusal>
  setEnabled(address: string, enabled: boolean): Promise<object | DirectoryRefusal>
  setPassword(address: string, password: string): Promise<object | DirectoryRefusal>
  /** A foreign hash with its `{SCHEME}`; verified as it is and upgraded at the next login */
  setPasswordHash(address: string, hash: string): Promise<object | DirectoryRefusal>
  /** Undefined: what the configuration says. It need not exist yet. */
  setPop3Mailbox(address: string, mailbox: string | undefined): Promise<object | DirectoryRefusal>
  setAdministrator(address: string, on: boolean): Promise<object | DirectoryRefusal>
  setQuota(address: string, quotaBytes: number | undefined): Promise<object | DirectoryRefusal>
  addAlias(address: string, targets: readonly string[]): Promise<Alias | DirectoryRefusal>
  removeAlias(address: string): Promise<object | DirectoryRefusal>

  /** Called after every change, for the gateway's list and for ending sessions */
  watch(listener: () => void): Disposable
}

/** `code` is stable and has a text in both languages in directory-texts.ts */
export type DirectoryRefusal = {
  readonly refused:
    | 'bad-address'
    | 'bad-domain'
    | 'no-such-domain'
    | 'no-such-user'
    | 'no-such-alias'
    | 'exists'
    | 'recently-deleted'
    | 'domain-in-use'
    | 'target-not-local'
    | 'bad-hash'
    | 'bad-mailbox'
    | 'weak-password'
  readonly detail?: string
}
