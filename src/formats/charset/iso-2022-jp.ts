const escape = 27

/**
 * Escape sequences that are followed at once by another one say nothing, and TextDecoder answers each such pair with U+FFFD
 * (WHATWG Encoding §12.2.1). Joined encoded words and line-wise encoders produce them: the earlier one is taken out.
 */
export function withoutIdleEscapes(bytes: Uint8Array): Uint8Array {
  let at = bytes.indexOf(escape)
  let kept: Uint8Array | undefined
  let length = 0
  let from = 0
  while (at >= 0) {
    const size = escapeLength(bytes, at)
    const next = at + size
    if (size > 0 && bytes[next] === escape && escapeLength(bytes, next) > 0) {
      kept ??= new Uint8Array(bytes.length)
      kept.set(bytes.subarray(from, at), length)
      length += at - from
      from = next
    }
    at = bytes.indexOf(escape, at + 1)
  }
  if (!kept) return bytes
  kept.set(bytes.subarray(from), length)
  return kept.subarray(0, length + bytes.length - from)
}

/** Of the designations that ISO-2022-JP has: ESC ( B, ESC ( J, ESC ( I, ESC $ @, ESC $ B; 0 for others */
function escapeLength(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 1]
  const set = bytes[at + 2]
  if (kind === 0x28) return set === 0x42 || set === 0x4a || set === 0x49 ? 3 : 0
  return kind === 0x24 && (set === 0x40 || set === 0x42) ? 3 : 0
}
