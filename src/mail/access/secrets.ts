/** Secrets that we make ourselves: long enough that nobody guesses them, so a fast keyed hash of them is all that is kept. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { hmacSha256 } from '#base/hmac.ts'

/** What is shown to us is never longer */
const maxCharacters = 200

/** 256 bits, 43 characters of base64url */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Names a row; opens nothing. Letters and digits, so that a command line takes it as it is */
export function newId(): string {
  return randomGroups(16, 16)
}

/** Of one kind of secret with one key: what is kept of it, and looked for. */
export function secretHash(key: Uint8Array, kind: string, secret: string): string {
  return hmacSha256(key)(`${kind}\0`, secret.slice(0, maxCharacters)).toString('base64url')
}

/** A secret that has to be known again, for the disk: AES-256-GCM, nonce before and tag behind it. */
export function seal(key: Uint8Array, secret: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  )
}

/** Throws when it was sealed under another key, or is broken. */
export function unseal(key: Uint8Array, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(-16))
  return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Lower-case base32 (RFC 4648 §6) of 5 random bits each, in groups as people copy them: `k3tq-7xzm-…` */
export function randomGroups(characters: number, group: number): string {
  const all = [...randomBytes(characters)].map(octet => base32[octet & 31] ?? '')
  return all.map((character, at) => (at > 0 && at % group === 0 ? `-${character}` : character)).join('')
}

/** However the groups were typed. */
export function withoutGroups(typed: string): string {
  return typed.slice(0, 100).replaceAll(/[\s-]/g, '').toLowerCase()
}
