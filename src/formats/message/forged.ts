/** Fields that claim to be ours: found so that a caller can cut them out before it adds its own. RFC 8601 §5 */
import { concatBytes } from '#base/bytes.ts'
import { remember } from '#base/remember.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import { decodeUnlabelled } from '#formats/charset/decode.ts'
import { type HeaderField, headerLength, parseHeader } from './header.ts'
import { rangeOf } from './inspect-submission.ts'
import { Lexer, isBlankByte, isTokenByte } from './lexer.ts'
import type { ByteRange } from './parts.ts'

/** Authentication-Results fields that carry this authserv-id, in any case, with their line ends. `bytes` begin with the header. */
export function forgedResults(bytes: Uint8Array, authservId: string): ByteRange[] {
  const own = normalOwn(authservId)
  const header = bytes.subarray(0, headerLength(bytes))
  return parseHeader(header, Infinity, ['authentication-results'])
    .filter(field => normal(authservIdOf(header, field)) === own)
    .map(rangeOf)
}

/** All fields of these names (any case) with their line ends. */
export function fieldRanges(bytes: Uint8Array, names: readonly string[]): ByteRange[] {
  const keys = names.map(name => name.toLowerCase())
  const header = bytes.subarray(0, headerLength(bytes))
  return parseHeader(header, Infinity, keys).map(rangeOf)
}

/** The bytes without these ranges. Ranges ascend and do not overlap. */
export function cut(bytes: Uint8Array, ranges: readonly ByteRange[]): Uint8Array {
  if (ranges.length === 0) return bytes
  const pieces: Uint8Array[] = []
  let from = 0
  for (const range of ranges) {
    pieces.push(bytes.subarray(from, range.offset))
    from = range.offset + range.length
  }
  pieces.push(bytes.subarray(from))
  return concatBytes(pieces)
}

/** RFC 8601 §2.2: a token or a quoted string, after comments. Control characters are passed over: some readers do not see them. */
function authservIdOf(header: Uint8Array, field: HeaderField): string {
  const lexer = new Lexer(header, field.valueStart, field.valueEnd)
  while (lexer.skipBlanks() || isControl(lexer.peek())) if (isControl(lexer.peek())) lexer.at++
  const text = lexer.quotedString() ?? lexer.run(byte => isTokenByte(byte) || byte > 127 || isControl(byte))
  return decodeUnlabelled(text.filter(byte => !isControl(byte)))
}

function isControl(byte: number): boolean {
  return byte === 127 || (byte >= 0 && byte < 32 && !isBlankByte(byte))
}

const normalOwn = remember(normal)

/** In the spelling that DNS has: U-labels, wide letters and an ideographic full stop are read as the same name by some. */
function normal(authservId: string): string {
  const plain = authservId.normalize('NFC').trim().replace(/\.$/, '').toLowerCase()
  return canonicalDomain(plain) ?? plain
}
