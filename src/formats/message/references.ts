/** The ancestors that a message names. RFC 5322 §3.6.4 */
import type { ByteReader } from './byte-reader.ts'
import { parseHeader, unfold } from './header.ts'
import { maxHeaderBytes, maxReferences } from './limits.ts'
import { parseMessageIds } from './message-id.ts'

/** Ids of the References field, normalised, the oldest first; of a long list the first and the latest. */
export function readReferences(reader: ByteReader, headerBytes: number): readonly string[] {
  const header = reader.read(0, Math.min(headerBytes, maxHeaderBytes))
  const [field] = parseHeader(header, undefined, ['references'])
  if (!field) return []
  const ids = parseMessageIds(unfold(header, field), maxReferences * 100).map(normalMessageId)
  return ids.length <= maxReferences ? ids : [...ids.slice(0, 1), ...ids.slice(1 - maxReferences)]
}

/** `"a"@b` and `a@b` are the same id. RFC 5256 §3 */
export function normalMessageId(id: string): string {
  return /["\\]/.test(id) ? id.replaceAll(/\\(.)|"/g, (_, quoted: string | undefined) => quoted ?? '') : id
}
