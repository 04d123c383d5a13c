/** SHA256-CRYPT and SHA512-CRYPT (`$5$`, `$6$`): "Unix crypt using SHA-256 and SHA-512", U. Drepper, version 0.6. Synchronous and slow by design. */
import { hash } from 'node:crypto'
import { cryptBase64 } from './crypt-base64.ts'

export const defaultShaCryptRounds = 5000

/** The checksum, without `$6$rounds=…$salt$`. `salt`: at most 16 octets; `rounds` as written. */
export function shaCrypt(bits: 256 | 512, password: Uint8Array, salt: Uint8Array, rounds: number): string {
  const digest = (...parts: readonly Uint8Array[]): Buffer => hash(`sha${bits}`, Buffer.concat(parts), 'buffer')
  const size = bits / 8
  const alternate = digest(password, salt, password)
  const mixed: Uint8Array[] = [password, salt, repeated(alternate, password.length)]
  for (let length = password.length; length > 0; length >>= 1) mixed.push(length & 1 ? alternate : password)
  let result = digest(...mixed)
  const p = repeated(digest(...Array.from({ length: password.length }, () => password)), password.length)
  const saltRepeats = 16 + (result[0] ?? 0)
  const s = repeated(digest(...Array.from({ length: saltRepeats }, () => salt)), salt.length)
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1
    const parts: Uint8Array[] = [odd ? p : result]
    if (round % 3) parts.push(s)
    if (round % 7) parts.push(p)
    parts.push(odd ? result : p)
    result = digest(...parts)
  }
  return size === 64 ? encode512(result) : encode256(result)
}

function repeated(bytes: Uint8Array, length: number): Uint8Array {
  const filled = Buffer.alloc(length)
  for (let at = 0; at < length; at += bytes.length) filled.set(bytes.subarray(0, length - at), at)
  return filled
}

function encode512(digest: Uint8Array): string {
  const at = (index: number) => digest[index] ?? 0
  let text = ''
  let [a, b, c] = [0, 21, 42]
  for (let group = 0; group < 21; group++) {
    text += cryptBase64(at(a), at(b), at(c), 4)
    ;[a, b, c] = [b + 1, c + 1, a + 1]
  }
  return text + cryptBase64(0, 0, at(63), 2)
}

function encode256(digest: Uint8Array): string {
  const at = (index: number) => digest[index] ?? 0
  let text = ''
  let [a, b, c] = [0, 10, 20]
  for (let group = 0; group < 10; group++) {
    text += cryptBase64(at(a), at(b), at(c), 4)
    ;[a, b, c] = [c + 1, a + 1, b + 1]
  }
  return text + cryptBase64(0, at(31), at(30), 3)
}
