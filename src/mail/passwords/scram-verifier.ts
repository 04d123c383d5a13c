/** What a server keeps for SCRAM: StoredKey and ServerKey. RFC 5802 §3, RFC 5803, RFC 7677 */
import { createHash, createHmac, pbkdf2, pbkdf2Sync } from 'node:crypto'
import { promisify } from 'node:util'
import type { ScramHash, ScramVerifier } from '../auth.ts'
import { saslPrep } from './saslprep.ts'

const derive = promisify(pbkdf2)

export type ScramKeys = {
  readonly clientKey: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** Hi() runs in the thread pool. Undefined when the password has no SASLprep form (RFC 4013): no client could send it. */
export async function makeScramVerifier(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramVerifier | undefined> {
  const prepared = saslPrep(password)
  if (prepared === undefined || prepared === '') return undefined
  const { digest, bytes } = scramDigests[hash]
  const { storedKey, serverKey } = keysOf(digest, await derive(prepared, salt, iterations, bytes, digest))
  return { hash, salt, iterations, storedKey, serverKey }
}

/** One for each hash; none when the password has no SASLprep form. */
export async function makeScramVerifiers(
  hashes: readonly ScramHash[],
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<readonly ScramVerifier[]> {
  const made = await Promise.all(hashes.map(hash => makeScramVerifier(hash, password, salt, iterations)))
  return made.filter(verifier => verifier !== undefined)
}

/** How node:crypto calls the hash, and its octets */
export const scramDigests = {
  'sha-256': { digest: 'sha256', bytes: 32 },
  'sha-1': { digest: 'sha1', bytes: 20 },
} as const satisfies Record<ScramHash, { readonly digest: 'sha1' | 'sha256'; readonly bytes: number }>

/** Synchronous: for threads and for clients, which want the ClientKey. */
export function scramKeys(
  hash: 'sha1' | 'sha256',
  password: Uint8Array | string,
  salt: Uint8Array,
  iterations: number,
): ScramKeys {
  return keysOf(hash, pbkdf2Sync(password, salt, iterations, hash === 'sha1' ? 20 : 32, hash))
}

function keysOf(hash: 'sha1' | 'sha256', saltedPassword: Uint8Array): ScramKeys {
  const clientKey = createHmac(hash, saltedPassword).update('Client Key').digest()
  return {
    clientKey,
    storedKey: createHash(hash).update(clientKey).digest(),
    serverKey: createHmac(hash, saltedPassword).update('Server Key').digest(),
  }
}
