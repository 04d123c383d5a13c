/**
 * The text of a stored password: ours (a PHC string, `$argon2id$…`) or a foreign one as Dovecot writes it, `{SCHEME}…` or
 * `{SCHEME.b64}…`. Read once, checked for shape, so that a hash which can never match is refused when it comes in and not at
 * somebody's login. A problem's words never contain the hash.
 */
import { cryptStored } from './stored-crypt.ts'
import { digestStored } from './stored-digest.ts'
import { maxPbkdf2Rounds, maxStoredHashCharacters } from './limits.ts'

export type StoredHash =
  | {
      readonly kind: 'argon2'
      readonly type: 'argon2id' | 'argon2i'
      readonly memoryKiB: number
      readonly passes: number
      readonly parallelism: number
      readonly salt: Uint8Array
      readonly hash: Uint8Array
    }
  | {
      readonly kind: 'sha-crypt'
      readonly bits: 256 | 512
      readonly rounds: number
      readonly salt: string
      readonly checksum: string
    }
  | { readonly kind: 'md5-crypt'; readonly salt: string; readonly checksum: string }
  | { readonly kind: 'bcrypt'; readonly cost: number; readonly salt: string; readonly checksum: string }
  | { readonly kind: 'des-crypt'; readonly salt: string; readonly checksum: string }
  | { readonly kind: 'pbkdf2'; readonly salt: string; readonly rounds: number; readonly hash: Uint8Array }
  | {
      readonly kind: 'digest'
      readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'
      readonly digest: Uint8Array
      readonly salt: Uint8Array
    }
  | { readonly kind: 'cram-md5'; readonly states: Uint8Array }
  | {
      readonly kind: 'scram'
      readonly hash: 'sha1' | 'sha256'
      readonly iterations: number
      readonly salt: Uint8Array
      readonly storedKey: Uint8Array
    }
  | { readonly kind: 'plain'; readonly password: string }

export type HashProblem = { readonly problem: string }

/** @param defaultScheme for text without `{SCHEME}` that does not name itself by `$…$` */
export function parseStoredHash(text: string, defaultScheme = 'CRYPT'): StoredHash | HashProblem {
  if (text.length > maxStoredHashCharacters) return { problem: `longer than ${maxStoredHashCharacters} characters` }
  const braced = /^\{([^{}]*)\}(.*)$/s.exec(text)
  if (!braced && text.startsWith('{')) return { problem: 'a { without its }' }
  const label = (braced?.[1] ?? schemeOfBare(text) ?? defaultScheme).toUpperCase()
  const [, scheme = label, encoding] = /^(.*?)\.(B64|BASE64|HEX)$/.exec(label) ?? []
  const value = braced?.[2] ?? text
  if (value === '') return { problem: `{${scheme}} with nothing behind it` }
  const read = readers[scheme]
  if (!read) return { problem: `the scheme {${scheme}} is not supported` }
  return read(value, encoding === undefined ? undefined : encoding === 'HEX' ? 'hex' : 'base64', scheme)
}

export function isHashProblem(parsed: StoredHash | HashProblem): parsed is HashProblem {
  return 'problem' in parsed
}

/** What the administrator is shown: `argon2id` for ours, else the scheme's name. */
export function schemeName(text: string): string {
  if (text.startsWith('$argon2id$')) return 'argon2id'
  return /^\{([^{}.]*)/.exec(text)?.[1]?.toUpperCase() ?? schemeOfBare(text) ?? 'CRYPT'
}

export type Encoding = 'hex' | 'base64' | undefined
type Reader = (value: string, encoding: Encoding, scheme: string) => StoredHash | HashProblem

const readers: Readonly<Record<string, Reader>> = {
  ARGON2ID: cryptStored,
  ARGON2I: cryptStored,
  CRYPT: cryptStored,
  'DES-CRYPT': cryptStored,
  'MD5-CRYPT': cryptStored,
  'SHA256-CRYPT': cryptStored,
  'SHA512-CRYPT': cryptStored,
  'BLF-CRYPT': cryptStored,
  PBKDF2: pbkdf2Stored,
  MD5: (value, encoding, scheme) => (value.startsWith('$') ? cryptStored : digestStored)(value, encoding, scheme),
  'PLAIN-MD5': digestStored,
  'LDAP-MD5': digestStored,
  SMD5: digestStored,
  SHA: digestStored,
  SHA1: digestStored,
  SHA256: digestStored,
  SHA512: digestStored,
  SSHA: digestStored,
  SSHA256: digestStored,
  SSHA512: digestStored,
  'CRAM-MD5': digestStored,
  'SCRAM-SHA-1': scramStored,
  'SCRAM-SHA-256': scramStored,
  PLAIN: plainStored,
  CLEAR: plainStored,
  CLEARTEXT: plainStored,
}

function schemeOfBare(text: string): string | undefined {
  return /^\$(?:argon2|[1256]|2[aby])/.test(text) ? 'CRYPT' : undefined
}

/** `$1$salt$rounds$hex`: PBKDF2-HMAC-SHA1 with 20 octets */
function pbkdf2Stored(value: string): StoredHash | HashProblem {
  const [, salt = '', rounds = '', hex = ''] = /^\$1\$([^$]+)\$(\d{1,10})\$([0-9a-fA-F]{40})$/.exec(value) ?? []
  if (hex === '') return { problem: 'not of the form $1$salt$rounds$40 hexadecimal digits' }
  if (Number(rounds) < 1 || Number(rounds) > maxPbkdf2Rounds) return { problem: `${rounds} rounds` }
  return { kind: 'pbkdf2', salt, rounds: Number(rounds), hash: Buffer.from(hex, 'hex') }
}

/** RFC 5803 without the names: `iterations,salt,StoredKey,ServerKey` */
function scramStored(value: string, _encoding: Encoding, scheme: string): StoredHash | HashProblem {
  const [iterations = '', salt = '', storedKey = '', serverKey = ''] = value.split(',')
  const hash = scheme === 'SCRAM-SHA-1' ? 'sha1' : 'sha256'
  const size = hash === 'sha1' ? 20 : 32
  const [saltBytes, stored, server] = [salt, storedKey, serverKey].map(part => Buffer.from(part, 'base64'))
  if (!/^\d{1,10}$/.test(iterations) || !saltBytes?.length || stored?.length !== size || server?.length !== size)
    return { problem: 'not of the form iterations,salt,StoredKey,ServerKey' }
  if (Number(iterations) < 1 || Number(iterations) > maxPbkdf2Rounds) return { problem: `${iterations} iterations` }
  return { kind: 'scram', hash, iterations: Number(iterations), salt: saltBytes, storedKey: stored }
}

function plainStored(value: string, encoding: Encoding): StoredHash {
  return { kind: 'plain', password: encoding ? Buffer.from(value, encoding).toString('utf8') : value }
}
