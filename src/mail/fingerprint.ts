/** What makes two take-ins of one message recognisable without keeping the message: hashes of bytes, and keyed hashes of whom and what. */
import { createHash, createHmac } from 'node:crypto'
import type { MessageSource } from '#formats/message-source.ts'

const knownHashes = new WeakMap<MessageSource, Uint8Array>()

/** SHA-256 (32 octets) of a source's bytes. Read through once; the same source object is not read again. */
export async function receivedHash(source: MessageSource): Promise<Uint8Array> {
  const known = knownHashes.get(source)
  if (known) return known
  const hash = createHash('sha256')
  for await (const chunk of source.open()) hash.update(chunk)
  const digest = new Uint8Array(hash.digest())
  knownHashes.set(source, digest)
  return digest
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
  const mac = createHmac('sha256', key)
  for (const part of [reversePath, ...recipients.toSorted()]) mac.update(`${Buffer.byteLength(part)}:${part},`)
  return new Uint8Array(mac.update(hash).digest())
}
