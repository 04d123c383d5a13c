/** The directory's rows as credentials. */
import { canonicalAddress } from '#formats/address/address.ts'
import type { UserRow } from '#store/directory/rows.ts'
import type { ScramHash, ScramVerifier } from '../auth.ts'
import type { Credential } from '../auth-credentials.ts'
import type { AccountId } from '../ids.ts'
import { saslPrep } from '../passwords/saslprep.ts'
import type { Model } from './model.ts'

export function credentialOfRow(row: UserRow): Credential {
  return {
    account: row.account as AccountId,
    address: row.address,
    enabled: row.enabled !== 0,
    hash: row.passwordHash ?? undefined,
    version: row.passwordVersion,
    scram: row.scram === null ? [] : scramFromJson(row.scram),
    scramSalt: row.scramSalt,
    scramIterations: row.scramIterations,
  }
}

/** The user that a login name means. A bare local part must be unambiguous among those who may log in. */
export function userOfLogin(model: Model, name: string): UserRow | undefined {
  const prepared = saslPrep(name.trim())
  if (prepared === undefined) return undefined
  const address = canonicalAddress(prepared)
  if (address !== undefined) return model.users.get(address)
  const rows = [...(model.localparts.get(prepared.normalize('NFC').toLowerCase()) ?? [])]
    .map(one => model.users.get(one))
    .filter(row => row !== undefined)
  const enabled = rows.filter(row => row.enabled !== 0)
  if (enabled.length === 1) return enabled[0]
  return rows.length === 1 ? rows[0] : undefined
}

/** Of those who can log in at all: who has no password yet holds nobody up. */
export function allHaveScram(model: Model, hash: ScramHash): boolean {
  let enabled = 0
  for (const row of model.users.values()) {
    if (row.enabled === 0 || row.passwordHash === null) continue
    if (!hasScram(row, hash)) return false
    enabled++
  }
  return enabled > 0
}

/** Without parsing: it is asked of everybody after each change. Nothing else in the JSON looks like this. */
function hasScram({ scram }: UserRow, hash: ScramHash): boolean {
  return scram?.includes(`"hash":"${hash}"`) ?? false
}

/** Those who have verifiers that are not to be kept (a setting was switched off), without them. */
export function withoutOtherScram(model: Model, kept: readonly ScramHash[]): readonly UserRow[] {
  const rows: UserRow[] = []
  for (const row of model.users.values()) {
    const all = row.scram === null ? [] : scramFromJson(row.scram)
    const left = all.filter(({ hash }) => kept.includes(hash))
    if (left.length < all.length) rows.push({ ...row, scram: scramToJson(left) })
  }
  return rows
}

type VerifierJson = {
  hash: ScramHash
  salt: string
  iterations: number
  storedKey: string
  serverKey: string
}

export function scramToJson(verifiers: readonly ScramVerifier[]): string | null {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const list: readonly VerifierJson[] = verifiers.map(one => ({
    hash: one.hash,
    salt: text(one.salt),
    iterations: one.iterations,
    storedKey: text(one.storedKey),
    serverKey: text(one.serverKey),
  }))
  return list.length > 0 ? JSON.stringify(list) : null
}

export function scramFromJson(json: string): readonly ScramVerifier[] {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
  return (JSON.parse(json) as readonly VerifierJson[]).map(one => ({
    hash: one.hash,
    salt: bytes(one.salt),
    iterations: one.iterations,
    storedKey: bytes(one.storedKey),
    serverKey: bytes(one.serverKey),
  }))
}
