/**
 * Where clients want to be told of news while they are not connected (RFC 8620 §7.2). A subscription belongs to the user, and goes with a new
 * password as sessions do: who had the old one is told nothing more. It also goes with the session, app password or token by which it was made.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import type { AccessRow, AccessRows } from '../directory/access-rows.ts'
import type { AccountId } from '../ids.ts'
import { newId, newSecret } from './secrets.ts'

const day = 24 * 60 * 60_000
/** 48 hours at least (RFC 8620 §7.2) */
export const maxLifetimeMs = 30 * day
/** Of one whose client has not shown yet that it hears us */
const unverifiedMs = day
const maxPerAccount = 20

export type PushKeys = {
  /** base64url, as the Push API gives them: the P-256 point of the client, and 16 octets */
  readonly p256dh: string
  readonly auth: string
}

export type PushSubscription = {
  readonly id: string
  readonly account: AccountId
  readonly deviceClientId: string
  readonly url: string
  readonly keys: PushKeys | null
  /** null: all types */
  readonly types: readonly string[] | null
  /** Milliseconds since 1970 */
  readonly expiresAt: number
  /** Sent to the URL once; the client says it to us */
  readonly verificationCode: string
  readonly verified: boolean
  /** The last state that the client was told; undefined at first */
  readonly told: string | undefined
}

export type NewPushSubscription = Pick<PushSubscription, 'deviceClientId' | 'url' | 'keys' | 'types'> & {
  readonly expiresAt: number | undefined
}
export type PushPatch = Partial<Pick<PushSubscription, 'types' | 'expiresAt' | 'verificationCode' | 'told'>>
export type PushRefusal = { readonly refused: 'no-such-user' | 'too-many' | 'no-such-subscription' | 'wrong-code' }

type Detail = Pick<PushSubscription, 'url' | 'keys' | 'types' | 'expiresAt' | 'verificationCode' | 'verified'> & {
  readonly told?: string | undefined
  /** The row of what it was made by */
  readonly by?: string | undefined
}

export class PushSubscriptions {
  readonly #rows: AccessRows
  readonly #clock: Clock

  constructor({ rows, clock }: { readonly rows: AccessRows; readonly clock: Clock }) {
    this.#rows = rows
    this.#clock = clock
  }

  /** `by`: as a Login has it */
  async add(account: AccountId, given: NewPushSubscription, by?: string): Promise<PushSubscription | PushRefusal> {
    const now = this.#clock.now()
    const { deviceClientId, url, keys, types } = given
    const expiresAt = Math.min(given.expiresAt ?? Infinity, now + maxLifetimeMs)
    const detail: Detail = { url, keys, types, expiresAt, verificationCode: newSecret(), verified: false, by }
    const row: AccessRow = {
      id: newId(),
      account,
      kind: 'push',
      hash: null,
      name: deviceClientId,
      detail: JSON.stringify(detail),
      createdAt: now,
      lastUsedAt: null,
    }
    let refused: PushRefusal | undefined
    await this.#rows.change(() => {
      if (this.#rows.owner(account)?.enabled !== true) refused = { refused: 'no-such-user' }
      else if (this.list(account).length >= maxPerAccount) refused = { refused: 'too-many' }
      return refused ? undefined : { put: [row], drop: this.#over(account) }
    })
    return refused ?? subscriptionOf(row)
  }

  /** Those that have not expired */
  list(account: AccountId): readonly PushSubscription[] {
    return this.#rows
      .of(account, 'push')
      .map(subscriptionOf)
      .filter(one => this.#lives(one))
  }

  /** Of every user who may come in */
  all(): readonly PushSubscription[] {
    return [...this.#rows.all()]
      .filter(row => row.kind === 'push' && this.#rows.owner(row.account as AccountId)?.enabled === true)
      .map(subscriptionOf)
      .filter(one => this.#lives(one))
  }

  /** A code that is not the one that was sent changes nothing. */
  async change(account: AccountId, id: string, patch: PushPatch): Promise<PushSubscription | PushRefusal> {
    let outcome: PushSubscription | PushRefusal = { refused: 'no-such-subscription' }
    await this.#rows.change(() => {
      const row = this.#find(account, id)
      if (!row || !this.#lives(subscriptionOf(row))) return undefined
      const detail = patched(JSON.parse(row.detail) as Detail, patch, this.#clock.now())
      if (!detail) {
        outcome = { refused: 'wrong-code' }
        return undefined
      }
      const changed = { ...row, detail: JSON.stringify(detail) }
      outcome = subscriptionOf(changed)
      return { put: [changed] }
    })
    return outcome
  }

  /** False: this account has none of this id. */
  async remove(account: AccountId, id: string): Promise<boolean> {
    let found = false
    await this.#rows.change(() => {
      found = this.#find(account, id) !== undefined
      return found ? { drop: [id] } : undefined
    })
    return found
  }

  watch(listener: () => void): Disposable {
    return this.#rows.watch(listener)
  }

  #find(account: AccountId, id: string): AccessRow | undefined {
    const row = this.#rows.named(id)
    return row?.kind === 'push' && row.account === account ? row : undefined
  }

  #lives({ expiresAt, id, verified }: PushSubscription): boolean {
    const now = this.#clock.now()
    const row = this.#rows.named(id)
    if (!row || expiresAt <= now || (!verified && now - row.createdAt >= unverifiedMs)) return false
    // RFC 8620 §7.2: with the credentials, where those are revoked
    const { by } = JSON.parse(row.detail) as Detail
    return by === undefined || this.#rows.named(by) !== undefined
  }

  #over(account: AccountId): readonly string[] {
    const living = new Set(this.list(account).map(({ id }) => id))
    return this.#rows
      .of(account, 'push')
      .map(({ id }) => id)
      .filter(id => !living.has(id))
  }
}

/** Undefined: the code is another one. */
function patched(detail: Detail, patch: PushPatch, now: number): Detail | undefined {
  const { verificationCode, expiresAt, ...rest } = patch
  const verifies = verificationCode !== undefined
  if (verifies && !isSame(verificationCode, detail.verificationCode)) return undefined
  return {
    ...detail,
    ...rest,
    ...(verifies && { verified: true }),
    ...(expiresAt !== undefined && { expiresAt: Math.min(expiresAt, now + maxLifetimeMs) }),
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function subscriptionOf(row: AccessRow): PushSubscription {
  const { by: _, ...detail } = JSON.parse(row.detail) as Detail
  return { id: row.id, account: row.account as AccountId, deviceClientId: row.name, ...detail, told: detail.told }
}
