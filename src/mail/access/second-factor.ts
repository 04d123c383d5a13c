/**
 * A second factor for signing in to the web: codes of an app (TOTP, RFC 6238), and recovery codes for who has lost it. While it is on,
 * programs need app passwords. A code is good once, in its half minute and those beside it.
 */
import type { TOTP } from 'otpauth'
import type { Clock } from '#base/clock.ts'
import type { AccessRow, AccessRows } from '../directory/access-rows.ts'
import type { AccountId } from '../ids.ts'
import type { NamedSecretsParts } from './named-secrets.ts'
import { newId, randomGroups, seal, secretHash, unseal, withoutGroups } from './secrets.ts'

/** Read when somebody uses it: most servers start without a single one who does. */
const otpauth = () => import('otpauth')

const secretBytes = 20
const periodMs = 30_000
const issuer = 'Hikyaku'
/** Half minutes that a clock may be wrong by. RFC 6238 §5.2 */
const window = 1
const recoveryCodes = 10
/** Between showing the secret and the first code */
const enrolMs = 15 * 60_000
const maxEnrolling = 1_000

export type SecondFactorState = {
  /** Undefined: off */
  readonly createdAt: number | undefined
  readonly lastUsedAt: number | undefined
  readonly recoveryCodesLeft: number
}

/** `usedStep`: the last half minute since 1970 whose code was taken */
type Detail = { readonly sealed: string; readonly usedStep: number }
type Enrolling = { readonly secret: string; readonly until: number }

export class SecondFactor {
  readonly #rows: AccessRows
  readonly #clock: Clock
  readonly #key: Uint8Array
  /** Secrets that have been shown and not been proved yet */
  readonly #enrolling = new Map<AccountId, Enrolling>()

  constructor({ rows, clock, key }: NamedSecretsParts) {
    this.#rows = rows
    this.#clock = clock
    this.#key = key
  }

  isOn(account: AccountId): boolean {
    return this.#totp(account) !== undefined
  }

  state(account: AccountId): SecondFactorState {
    const row = this.#totp(account)
    return {
      createdAt: row?.createdAt,
      lastUsedAt: row?.lastUsedAt ?? undefined,
      recoveryCodesLeft: this.#rows.of(account, 'recovery-code').length,
    }
  }

  /** The secret for the app, base32, and the same as an `otpauth:` URI. Nothing is on before `confirm`. */
  async enrol(account: AccountId, address: string): Promise<{ readonly secret: string; readonly uri: string }> {
    const { Secret, TOTP } = await otpauth()
    const secret = new Secret({ size: secretBytes }).base32
    this.#enrolling.delete(account)
    this.#enrolling.set(account, { secret, until: this.#clock.monotonic() + enrolMs })
    const [oldest] = this.#enrolling.keys()
    if (this.#enrolling.size > maxEnrolling && oldest !== undefined) this.#enrolling.delete(oldest)
    return { secret, uri: new TOTP(parametersOf(secret, address)).toString() }
  }

  /** On, with the app's first code. Undefined: the code is wrong, or nobody is enrolling. */
  async confirm(account: AccountId, code: string): Promise<readonly string[] | undefined> {
    const enrolling = this.#enrolling.get(account)
    if (!enrolling || enrolling.until <= this.#clock.monotonic()) return undefined
    const { TOTP } = await otpauth()
    const now = this.#clock.now()
    const usedStep = stepOf(new TOTP(parametersOf(enrolling.secret)), code, now)
    if (usedStep === undefined) return undefined
    this.#enrolling.delete(account)
    const detail: Detail = { sealed: seal(this.#key, enrolling.secret), usedStep }
    const row: AccessRow = { ...blank(account, 'totp', now), detail: JSON.stringify(detail), lastUsedAt: now }
    const codes = newCodes()
    await this.#rows.change(() => ({
      put: [row, ...this.#codeRows(account, codes, now)],
      drop: this.#idsOf(account),
    }))
    return codes
  }

  /** A code of the app or a recovery code; neither is good again. */
  async takes(account: AccountId, code: string): Promise<boolean> {
    const { TOTP } = await otpauth()
    let taken = false
    await this.#rows.change(() => {
      const row = this.#totp(account)
      if (!row) return undefined
      const { sealed, usedStep }: Detail = JSON.parse(row.detail) as Detail
      const now = this.#clock.now()
      const step = stepOf(new TOTP(parametersOf(unseal(this.#key, sealed))), code, now)
      if (step !== undefined && step > usedStep) {
        taken = true
        const detail: Detail = { sealed, usedStep: step }
        return { put: [{ ...row, detail: JSON.stringify(detail), lastUsedAt: now }] }
      }
      const recovery = this.#rows.hashed(this.#hash(account, code))
      taken = recovery?.kind === 'recovery-code' && recovery.account === account
      return taken && recovery ? { drop: [recovery.id] } : undefined
    })
    return taken
  }

  /** New ones; those from before are good for nothing. */
  async renewCodes(account: AccountId): Promise<readonly string[]> {
    const codes = newCodes()
    await this.#rows.change(() => {
      if (!this.isOn(account)) return undefined
      const drop = this.#rows.of(account, 'recovery-code').map(({ id }) => id)
      return { put: this.#codeRows(account, codes, this.#clock.now()), drop }
    })
    return codes
  }

  /** False: it was off. */
  async turnOff(account: AccountId): Promise<boolean> {
    let wasOn = false
    await this.#rows.change(() => {
      wasOn = this.isOn(account)
      return { drop: this.#idsOf(account) }
    })
    return wasOn
  }

  #totp(account: AccountId): AccessRow | undefined {
    return this.#rows.of(account, 'totp')[0]
  }

  #idsOf(account: AccountId): readonly string[] {
    return [...this.#rows.of(account, 'totp'), ...this.#rows.of(account, 'recovery-code')].map(({ id }) => id)
  }

  #codeRows(account: AccountId, codes: readonly string[], now: number): readonly AccessRow[] {
    return codes.map(code => ({ ...blank(account, 'recovery-code', now), hash: this.#hash(account, code) }))
  }

  #hash(account: AccountId, code: string): string {
    return secretHash(this.#key, `recovery-code ${account}`, withoutGroups(code))
  }
}

function blank(account: AccountId, kind: 'totp' | 'recovery-code', now: number): AccessRow {
  return { id: newId(), account, kind, hash: null, name: '', detail: '{}', createdAt: now, lastUsedAt: null }
}

/** 50 bits each, behind a throttle */
function newCodes(): readonly string[] {
  return Array.from({ length: recoveryCodes }, () => randomGroups(10, 5))
}

function parametersOf(secret: string, label = ''): ConstructorParameters<typeof TOTP>[0] {
  return { issuer, label, algorithm: 'SHA1', digits: 6, period: periodMs / 1000, secret }
}

/** The half minute since 1970 whose code this is; undefined when it is none of those at hand. */
function stepOf(totp: TOTP, code: string, now: number): number | undefined {
  const token = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const delta = totp.validate({ token, timestamp: now, window })
  return delta === null ? undefined : Math.floor(now / periodMs) + delta
}
