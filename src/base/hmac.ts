/**
 * HMAC-SHA-256 for hot paths (RFC 2104): two one-shot hashes. `createHmac` makes a key object for each call, which costs more than
 * the hashing of a short text.
 */
import { hash } from 'node:crypto'

const blockBytes = 64

/** For this key: the 32 octets of HMAC-SHA-256 over the parts, one after the other. */
export function hmacSha256(key: Uint8Array): (...parts: readonly (Uint8Array | string)[]) => Buffer {
  const short = key.length > blockBytes ? sha256(key) : key
  const inner = Buffer.alloc(blockBytes, 0x36)
  const outer = Buffer.alloc(blockBytes, 0x5c)
  for (const [at, octet] of short.entries()) {
    inner[at] = octet ^ 0x36
    outer[at] = octet ^ 0x5c
  }
  return (...parts) => {
    const message = parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part))
    return sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, ...message]))]))
  }
}

export function sha256(bytes: Uint8Array | string): Buffer {
  return hash('sha256', bytes, 'buffer')
}
