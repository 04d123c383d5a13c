/** What makes two take-ins of one message recognisable without keeping the message: hashes of bytes, and keyed hashes of whom and what. */
import { createHash } from 'node:crypto'
import { hmacSha256, sha256 } from '#base/hmac.ts'
import type { MessageSource } from '#formats/message-source.ts'

const knownHashes = new WeakMap<MessageSource, Uint8Array>()

/** SHA-256 (32 octets) of a source's bytes. Read through once; the same source object is not read again. */
export async function receivedHash(source: MessageSource): Promise<Uint8Array> {
  const known = knownHashes.get(source)
  if (known) return known
  const digest = source.place.kind === 'memory' ? sha256(source.place.bytes) : await hashThrough(source)
  knownHashes.set(source, digest)
  return digest
}

async function hashThrough(source: MessageSource): Promise<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of source.open()) hash.update(chunk)
  return hash.digest()
}

/**
 * Keyed hash (32 octets) of reverse-path, recipients (canonical, in any order) and the SHA-256 of the bytes as received. The key
 * never leaves its box, so that a fingerprint tells nothing about a message that one does not have.
 */
export function fingerprintOf(
  key: Uint8Array,
  reversePath: string,
  recipients: readonly string[],
  hash: Uint8Array,
): Uint8Array {
  const parts = [reversePath, ...recipients.toSorted()].map(part => `${Buffer.byteLength(part)}:${part},`)
  return hmacSha256(key)(parts.join(''), hash)
}
