/** Secrets that we make ourselves: long enough that nobody guesses them, so a fast keyed hash of them is all that is kept. */
import { randomBytes } from 'node:crypto'
import { hmacSha256 } from '#base/hmac.ts'

/** What is shown to us is never longer */
const maxCharacters = 200

/** 256 bits, 43 characters of base64url */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Names a row; opens nothing. */
export function newId(): string {
  return randomBytes(9).toString('base64url')
}

/** Of one kind of secret with one key: what is kept of it, and looked for. */
export function secretHash(key: Uint8Array, kind: string, secret: string): string {
  return hmacSha256(key)(`${kind}\0`, secret.slice(0, maxCharacters)).toString('base64url')
}
