/** Stored passwords that are one digest, salted behind or not, in hexadecimal or base64. */
import type { Encoding, HashProblem, StoredHash } from './stored-hash.ts'

type Digest = {
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'
  readonly sizeBytes: number
  readonly salted: boolean
}

const digests: Readonly<Record<string, Digest>> = {
  MD5: { algorithm: 'md5', sizeBytes: 16, salted: false },
  'PLAIN-MD5': { algorithm: 'md5', sizeBytes: 16, salted: false },
  'LDAP-MD5': { algorithm: 'md5', sizeBytes: 16, salted: false },
  SMD5: { algorithm: 'md5', sizeBytes: 16, salted: true },
  SHA: { algorithm: 'sha1', sizeBytes: 20, salted: false },
  SHA1: { algorithm: 'sha1', sizeBytes: 20, salted: false },
  SSHA: { algorithm: 'sha1', sizeBytes: 20, salted: true },
  SHA256: { algorithm: 'sha256', sizeBytes: 32, salted: false },
  SSHA256: { algorithm: 'sha256', sizeBytes: 32, salted: true },
  SHA512: { algorithm: 'sha512', sizeBytes: 64, salted: false },
  SSHA512: { algorithm: 'sha512', sizeBytes: 64, salted: true },
}
const cramMd5Bytes = 32

export function digestStored(value: string, encoding: Encoding, scheme: string): StoredHash | HashProblem {
  const digest = digests[scheme]
  const sizeBytes = digest?.sizeBytes ?? cramMd5Bytes
  const bytes = decode(value, encoding, digest?.salted ? undefined : sizeBytes)
  if (!bytes) return { problem: 'neither base64 nor hexadecimal' }
  const fits = digest?.salted ? bytes.length > sizeBytes : bytes.length === sizeBytes
  if (!fits) return { problem: `${bytes.length} octets, expected ${sizeBytes}${digest?.salted ? ' and a salt' : ''}` }
  if (!digest) return { kind: 'cram-md5', states: bytes }
  return {
    kind: 'digest',
    algorithm: digest.algorithm,
    digest: bytes.subarray(0, sizeBytes),
    salt: bytes.subarray(sizeBytes),
  }
}

/** Without a suffix the length decides, as Dovecot does: twice the digest's size is hexadecimal. */
function decode(value: string, encoding: Encoding, sizeBytes: number | undefined): Uint8Array | undefined {
  const guessed = sizeBytes !== undefined && value.length === sizeBytes * 2 ? 'hex' : 'base64'
  if ((encoding ?? guessed) === 'hex')
    return /^(?:[0-9a-fA-F]{2})+$/.test(value) ? Buffer.from(value, 'hex') : undefined
  return /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? Buffer.from(value, 'base64') : undefined
}
