/** What directory.db holds, as plain data that crosses the thread border. */

export type DomainRow = {
  readonly name: string
  readonly catchAll: string | null
  readonly separators: string
  readonly createdAt: number
}

export type UserRow = {
  readonly account: string
  readonly address: string
  readonly name: string
  readonly enabled: number
  readonly language: string
  readonly quotaBytes: number | null
  /** 1: sets the quotas of others */
  readonly administrator: number
  readonly pop3Mailbox: string | null
  readonly passwordHash: string | null
  readonly passwordVersion: number
  readonly scramSalt: Uint8Array
  readonly scramIterations: number
  /** JSON */
  readonly scram: string | null
  readonly createdAt: number
}

/** `targets` is JSON: an array of addresses */
export type AliasRow = { readonly address: string; readonly targets: string; readonly createdAt: number }

export type DeletedRow = {
  readonly address: string
  readonly kind: string
  readonly account: string | null
  readonly deletedAt: number
}

/** What opens an account besides its password. `hash` is of what its owner shows; `detail` is JSON */
export type AccessRow = {
  readonly id: string
  readonly account: string
  readonly kind: string
  readonly hash: string | null
  readonly name: string
  readonly detail: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export type DirectoryRows = {
  readonly domains: readonly DomainRow[]
  readonly users: readonly UserRow[]
  readonly aliases: readonly AliasRow[]
  readonly deleted: readonly DeletedRow[]
  readonly access: readonly AccessRow[]
}

/** One step of a change; a change is a list of steps in one transaction. */
export type DirectoryStep =
  | { readonly put: 'domain'; readonly row: DomainRow }
  | { readonly put: 'user'; readonly row: UserRow }
  | { readonly put: 'alias'; readonly row: AliasRow }
  | { readonly put: 'deleted'; readonly row: DeletedRow }
  | { readonly put: 'access'; readonly row: AccessRow }
  | { readonly drop: 'domain'; readonly key: string }
  | { readonly drop: 'user'; readonly key: string }
  | { readonly drop: 'alias'; readonly key: string }
  | { readonly drop: 'deleted'; readonly key: string }
  | { readonly drop: 'access'; readonly key: string }
