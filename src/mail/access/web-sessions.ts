/**
 * Sessions of browsers. A session is a row with the hash of a token; whoever shows the token is its user until it is ended, was not used for
 * 30 days, or is a year old. A new password, a disabled or a removed user drop the rows in the same commit (directory/user-changes.ts);
 * what hangs on a session that is gone (an event source) is told by its signal.
 */
import type { Clock } from '#base/clock.ts'
import type { Login } from '../auth.ts'
import type { AccessRow, AccessRows } from '../directory/access-rows.ts'
import type { AccountId } from '../ids.ts'
import type { LivingAccess } from './living.ts'
import type { NamedSecretsParts } from './named-secrets.ts'
import { newId, newSecret, secretHash } from './secrets.ts'

const day = 24 * 60 * 60_000
const idleMs = 30 * day
const lifetimeMs = 365 * day
/** `lastUsed` is on disk, and every request uses the session. */
const touchMs = 60 * 60_000
const sweepMs = 60 * 60_000
/** Browsers of one person; the one that was not used for longest makes way. */
const maxPerAccount = 50
const maxUserAgentCharacters = 300

export type WebSession = {
  readonly id: string
  readonly account: AccountId
  /** Milliseconds since 1970, as all here */
  readonly createdAt: number
  /** To the hour */
  readonly lastUsedAt: number
  /** Unless it is used again before */
  readonly expiresAt: number
  readonly userAgent: string
  /** Where it was begun from */
  readonly clientAddress: string
}

export type SessionOrigin = { readonly userAgent: string; readonly clientAddress: string }
export type SessionLogin = { readonly session: WebSession; readonly login: Login }

type Detail = { readonly clientAddress: string }

export class WebSessions implements Disposable {
  readonly #rows: AccessRows
  readonly #clock: Clock
  readonly #key: Uint8Array
  readonly #living: LivingAccess
  readonly #sweeping: NodeJS.Timeout

  constructor({ rows, clock, key, living }: NamedSecretsParts) {
    this.#rows = rows
    this.#clock = clock
    this.#key = key
    this.#living = living
    this.#sweeping = setInterval(() => void this.#sweep().catch(() => undefined), sweepMs).unref()
  }

  /** For somebody who has proved who they are. Undefined: the user is not there any more, or may not come in, or has another password since. */
  async begin(login: Login, origin: SessionOrigin): Promise<(SessionLogin & { readonly token: string }) | undefined> {
    const token = newSecret()
    const now = this.#clock.now()
    const row: AccessRow = {
      id: newId(),
      account: login.account,
      kind: 'session',
      hash: this.#hash(token),
      name: origin.userAgent.slice(0, maxUserAgentCharacters),
      detail: JSON.stringify({ clientAddress: origin.clientAddress } satisfies Detail),
      createdAt: now,
      lastUsedAt: now,
    }
    await this.#rows.change(() => {
      if (this.#rows.owner(login.account)?.enabled !== true) return undefined
      return { put: [row], drop: this.#surplus(login.account) }
    })
    // a password that was changed while this was written has ended the login, and dropped the sessions that it knew of
    if (login.ended.aborted) await this.#rows.change(() => ({ drop: [row.id] }))
    const begun = this.#loginOf(this.#rows.named(row.id))
    return begun && { ...begun, token }
  }

  /** Undefined: no session has this token. Using it keeps it alive. */
  find(token: string): SessionLogin | undefined {
    const row = this.#rows.hashed(this.#hash(token))
    if (row?.kind !== 'session') return undefined
    const now = this.#clock.now()
    if (expiryOf(row) <= now) return undefined
    if (now - (row.lastUsedAt ?? 0) >= touchMs) void this.#touch(row.id, now).catch(() => undefined)
    return this.#loginOf(row)
  }

  list(account: AccountId): readonly WebSession[] {
    const now = this.#clock.now()
    return this.#rows
      .of(account, 'session')
      .map(sessionOf)
      .filter(({ expiresAt }) => expiresAt > now)
      .toSorted((one, other) => other.lastUsedAt - one.lastUsedAt)
  }

  /** False: this account has no such session. */
  async end(account: AccountId, id: string): Promise<boolean> {
    let found = false
    await this.#rows.change(() => {
      const row = this.#rows.named(id)
      found = row?.kind === 'session' && row.account === account
      return found ? { drop: [id] } : undefined
    })
    return found
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping)
  }

  #hash(token: string): string {
    return secretHash(this.#key, 'session', token)
  }

  #loginOf(row: AccessRow | undefined): SessionLogin | undefined {
    const session = row && sessionOf(row)
    const owner = session && this.#rows.owner(session.account)
    if (!session || !owner?.enabled) return undefined
    const ended = this.#living.signal(session.id, session.account)
    return { session, login: { account: session.account, address: owner.address, ended, by: session.id } }
  }

  #touch(id: string, now: number): Promise<void> {
    return this.#rows.change(() => {
      const row = this.#rows.named(id)
      if (!row || now - (row.lastUsedAt ?? 0) < touchMs) return undefined
      return { put: [{ ...row, lastUsedAt: now }] }
    })
  }

  /** Ids that make way for one more */
  #surplus(account: AccountId): readonly string[] {
    const byUse = this.#rows.of(account, 'session').toSorted((one, other) => usedAt(other) - usedAt(one))
    return byUse.slice(maxPerAccount - 1).map(({ id }) => id)
  }

  async #sweep(): Promise<void> {
    const now = this.#clock.now()
    await this.#rows.change(() => {
      const over = [...this.#rows.all()].filter(row => row.kind === 'session' && expiryOf(row) <= now)
      return over.length > 0 ? { drop: over.map(({ id }) => id) } : undefined
    })
  }
}

function usedAt(row: AccessRow): number {
  return row.lastUsedAt ?? row.createdAt
}

function expiryOf(row: AccessRow): number {
  return Math.min(row.createdAt + lifetimeMs, usedAt(row) + idleMs)
}

function sessionOf(row: AccessRow): WebSession {
  const { clientAddress } = JSON.parse(row.detail) as Detail
  return {
    id: row.id,
    account: row.account as AccountId,
    createdAt: row.createdAt,
    lastUsedAt: usedAt(row),
    expiresAt: expiryOf(row),
    userAgent: row.name,
    clientAddress,
  }
}
