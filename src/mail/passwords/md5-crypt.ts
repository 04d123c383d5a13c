/** MD5-CRYPT (`$1$`), as FreeBSD's crypt(3) had it first. */
import { hash } from 'node:crypto'
import { cryptBase64 } from './crypt-base64.ts'

const magic = Buffer.from('$1$')
const rounds = 1000

/** The checksum, without `$1$salt$`. `salt`: at most 8 octets. */
export function md5Crypt(password: Uint8Array, salt: Uint8Array): string {
  const digest = (...parts: readonly Uint8Array[]): Buffer => hash('md5', Buffer.concat(parts), 'buffer')
  const alternate = digest(password, salt, password)
  const mixed: Uint8Array[] = [password, magic, salt]
  for (let left = password.length; left > 0; left -= 16) mixed.push(alternate.subarray(0, Math.min(16, left)))
  for (let length = password.length; length > 0; length >>= 1)
    mixed.push(length & 1 ? Buffer.alloc(1) : password.subarray(0, 1))
  let result = digest(...mixed)
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1
    const parts: Uint8Array[] = [odd ? password : result]
    if (round % 3) parts.push(salt)
    if (round % 7) parts.push(password)
    parts.push(odd ? result : password)
    result = digest(...parts)
  }
  return encode(result)
}

function encode(digest: Uint8Array): string {
  const at = (index: number) => digest[index] ?? 0
  let text = ''
  for (let group = 0; group < 4; group++) text += cryptBase64(at(group), at(group + 6), at(group + 12), 4)
  return text + cryptBase64(at(4), at(10), at(5), 4) + cryptBase64(0, 0, at(11), 2)
}
