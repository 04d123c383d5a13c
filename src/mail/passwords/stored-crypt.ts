/** Stored passwords of the crypt(3) family and argon2: `$id$…`, or the thirteen characters of DES. */
import { isBcryptSalt } from './bcrypt.ts'
import { defaultShaCryptRounds } from './sha-crypt.ts'
import type { Encoding, HashProblem, StoredHash } from './stored-hash.ts'
import {
  maxArgon2MemoryKiB,
  maxArgon2Parallelism,
  maxArgon2Passes,
  maxBcryptCost,
  maxShaCryptRounds,
} from './limits.ts'

/** What each scheme may be, and how it looks; `CRYPT` may be any of them. */
const shapes: Readonly<Record<string, { readonly kinds: readonly StoredHash['kind'][]; readonly shape: string }>> = {
  ARGON2ID: { kinds: ['argon2'], shape: '$argon2id$v=19$m=…,t=…,p=…$salt$hash' },
  ARGON2I: { kinds: ['argon2'], shape: '$argon2i$v=19$m=…,t=…,p=…$salt$hash' },
  'DES-CRYPT': { kinds: ['des-crypt'], shape: '13 characters' },
  'MD5-CRYPT': { kinds: ['md5-crypt'], shape: '$1$salt$ and 22 characters' },
  MD5: { kinds: ['md5-crypt'], shape: '$1$salt$ and 22 characters' },
  'SHA256-CRYPT': { kinds: ['sha-crypt'], shape: '$5$salt$ and 43 characters' },
  'SHA512-CRYPT': { kinds: ['sha-crypt'], shape: '$6$salt$ and 86 characters' },
  'BLF-CRYPT': { kinds: ['bcrypt'], shape: '$2y$cost$ and 53 characters' },
  CRYPT: {
    kinds: ['argon2', 'des-crypt', 'md5-crypt', 'sha-crypt', 'bcrypt'],
    shape: '$1$, $2y$, $5$ or $6$ with salt and hash, or 13 characters',
  },
}

export function cryptStored(value: string, encoding: Encoding, scheme: string): StoredHash | HashProblem {
  const text = encoding ? Buffer.from(value, encoding).toString('latin1') : value
  const parsed = parseCrypt(text)
  if (parsed && 'problem' in parsed) return parsed
  const expected = shapes[scheme]
  if (parsed && expected?.kinds.includes(parsed.kind) && isOfScheme(parsed, scheme)) return parsed
  return { problem: `not of the form ${expected?.shape}${shellTrace(text)}` }
}

function isOfScheme(parsed: StoredHash, scheme: string): boolean {
  if (parsed.kind === 'sha-crypt' && scheme !== 'CRYPT') return scheme === `SHA${parsed.bits}-CRYPT`
  if (parsed.kind === 'argon2' && scheme !== 'CRYPT') return scheme.toLowerCase() === parsed.type
  return true
}

/** What a shell, a Makefile or a compose file leaves of a hash when it takes the dollar signs for variables. */
function shellTrace(text: string): string {
  const dollars = text.split('$').length - 1
  if (/\s/.test(text)) return '; it contains a space or line end'
  if (dollars >= 3) return `; it has ${text.length} characters, perhaps cut off`
  if (text.startsWith('*') || text.startsWith('!')) return '; a locked entry, no password'
  return `; it has ${text.length} characters and ${dollars} of the $ signs: something took them for variables (quote it, or write $$)`
}

function parseCrypt(text: string): StoredHash | HashProblem | undefined {
  if (text.startsWith('$argon2')) return parseArgon2(text)
  if (text.startsWith('$y$') || text.startsWith('$7$') || text.startsWith('$gy$'))
    return { problem: 'yescrypt and scrypt are not supported' }
  return parseShaCrypt(text) ?? parseMd5Crypt(text) ?? parseBcrypt(text) ?? parseDesCrypt(text)
}

function parseShaCrypt(text: string): StoredHash | HashProblem | undefined {
  const [, id, rounds, salt = '', checksum = ''] =
    /^\$([56])\$(?:rounds=(\d{1,10})\$)?([^$:\s]{0,16})\$([./0-9A-Za-z]+)$/.exec(text) ?? []
  const bits = id === '6' ? 512 : 256
  if (id === undefined || checksum.length !== (bits === 512 ? 86 : 43)) return undefined
  const count = rounds === undefined ? defaultShaCryptRounds : Number(rounds)
  if (count < 1000 || count > maxShaCryptRounds) return { problem: `${count} rounds: 1000 to ${maxShaCryptRounds} are` }
  return { kind: 'sha-crypt', bits, rounds: count, salt, checksum }
}

function parseMd5Crypt(text: string): StoredHash | undefined {
  const [, salt, checksum] = /^\$1\$([^$:\s]{0,8})\$([./0-9A-Za-z]{22})$/.exec(text) ?? []
  return salt === undefined || checksum === undefined ? undefined : { kind: 'md5-crypt', salt, checksum }
}

function parseBcrypt(text: string): StoredHash | HashProblem | undefined {
  const [, cost, salt, checksum] = /^\$2[aby]\$(\d\d)\$([./0-9A-Za-z]{22})([./0-9A-Za-z]{31})$/.exec(text) ?? []
  if (cost === undefined || salt === undefined || checksum === undefined || !isBcryptSalt(salt)) return undefined
  if (Number(cost) < 4 || Number(cost) > maxBcryptCost) return { problem: `cost ${cost}: 4 to ${maxBcryptCost} are` }
  return { kind: 'bcrypt', cost: Number(cost), salt, checksum }
}

function parseDesCrypt(text: string): StoredHash | undefined {
  const [, salt, checksum] = /^([./0-9A-Za-z]{2})([./0-9A-Za-z]{11})$/.exec(text) ?? []
  return salt === undefined || checksum === undefined ? undefined : { kind: 'des-crypt', salt, checksum }
}

/** The PHC string format. Only version 1.3 (v=19). */
export function parseArgon2(text: string): StoredHash | HashProblem | undefined {
  const pattern = /^\$(argon2id?)\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
  const [, type, memory, passes, lanes, salt, hash] = pattern.exec(text) ?? []
  if (type === undefined || salt === undefined || hash === undefined) {
    if (/^\$argon2d\$|^\$argon2id?\$(?!v=19)/.test(text)) return { problem: 'argon2d, or an argon2 before version 1.3' }
    return undefined
  }
  const [memoryKiB, passCount, parallelism] = [Number(memory), Number(passes), Number(lanes)]
  if (memoryKiB > maxArgon2MemoryKiB || passCount > maxArgon2Passes || parallelism > maxArgon2Parallelism)
    return { problem: `m=${memoryKiB},t=${passCount},p=${parallelism} costs too much to verify` }
  const [saltBytes, hashBytes] = [Buffer.from(salt, 'base64'), Buffer.from(hash, 'base64')]
  // RFC 9106 §3.1
  if (passCount < 1 || parallelism < 1 || memoryKiB < 8 * parallelism || saltBytes.length < 8 || hashBytes.length < 4)
    return { problem: `m=${memoryKiB},t=${passCount},p=${parallelism} with a salt of ${saltBytes.length} octets` }
  if (saltBytes.length > 64 || hashBytes.length > 64) return undefined
  return {
    kind: 'argon2',
    type: type === 'argon2i' ? 'argon2i' : 'argon2id',
    memoryKiB,
    passes: passCount,
    parallelism,
    salt: saltBytes,
    hash: hashBytes,
  }
}

export function printArgon2(stored: Extract<StoredHash, { kind: 'argon2' }>): string {
  const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  const cost = `m=${stored.memoryKiB},t=${stored.passes},p=${stored.parallelism}`
  return `$${stored.type}$v=19$${cost}$${unpadded(stored.salt)}$${unpadded(stored.hash)}`
}
