/** One password against one stored hash, argon2 aside. Synchronous, for the hash thread. */
import { createHash, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import { bcrypt } from './bcrypt.ts'
import { cramMd5States } from './cram-md5.ts'
import { desCrypt } from './des-crypt.ts'
import { md5Crypt } from './md5-crypt.ts'
import { scramKeys } from './scram-verifier.ts'
import { shaCrypt } from './sha-crypt.ts'
import type { StoredHash } from './stored-hash.ts'

export type SynchronousHash = Exclude<StoredHash, { kind: 'argon2' }>

export function verifySynchronously(password: string, stored: SynchronousHash): boolean {
  const bytes = Buffer.from(password)
  // crypt(3) would stop there: two different passwords would be one
  if (bytes.includes(0)) return false
  switch (stored.kind) {
    case 'sha-crypt':
      return same(shaCrypt(stored.bits, bytes, Buffer.from(stored.salt), stored.rounds), stored.checksum)
    case 'md5-crypt':
      return same(md5Crypt(bytes, Buffer.from(stored.salt)), stored.checksum)
    case 'bcrypt':
      return same(bcrypt(bytes, stored.salt, stored.cost), stored.checksum)
    case 'des-crypt':
      return same(desCrypt(bytes, stored.salt), stored.checksum)
    case 'pbkdf2':
      return same(pbkdf2Sync(bytes, stored.salt, stored.rounds, stored.hash.length, 'sha1'), stored.hash)
    case 'digest':
      return same(createHash(stored.algorithm).update(bytes).update(stored.salt).digest(), stored.digest)
    case 'cram-md5':
      return same(cramMd5States(bytes), stored.states)
    case 'scram':
      return same(scramKeys(stored.hash, bytes, stored.salt, stored.iterations).storedKey, stored.storedKey)
    case 'plain':
      return same(bytes, stored.password)
    default:
      return stored satisfies never
  }
}

/** Takes as long for a near miss as for a far one. */
export function same(a: Uint8Array | string, b: Uint8Array | string): boolean {
  const digest = (value: Uint8Array | string) => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(a), digest(b))
}
