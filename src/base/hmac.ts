/**
 * HMAC-SHA-256 for hot paths (RFC 2104): two one-shot hashes. `createHmac` makes a key object for each call, which costs more than
 * the hashing of a short text.
 */
import { hash } from 'node:crypto'

const blockBytes = 64
const digestBytes = 32

/** The 32 octets of HMAC-SHA-256 over the parts, one after the other. */
export type Mac = (...parts: readonly (Uint8Array | string)[]) => Buffer

const known = new WeakMap<Uint8Array, Mac>()

/** For this key, which must not change. */
export function hmacSha256(key: Uint8Array): Mac {
  let mac = known.get(key)
  if (!mac) {
    mac = makeMac(key)
    known.set(key, mac)
  }
  return mac
}

function makeMac(key: Uint8Array): Mac {
  const short = key.length > blockBytes ? sha256(key) : key
  const inner = Buffer.alloc(blockBytes, 0x36)
  const outer = Buffer.alloc(blockBytes + digestBytes, 0x5c)
  for (const [at, octet] of short.entries()) {
    inner[at] = octet ^ 0x36
    outer[at] = octet ^ 0x5c
  }
  return (...parts) => {
    const message = parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part))
    outer.set(sha256(Buffer.concat([inner, ...message])), blockBytes)
    return sha256(outer)
  }
}

export function sha256(bytes: Uint8Array | string): Buffer {
  return hash('sha256', bytes, 'buffer')
}
