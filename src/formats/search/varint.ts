/** Whole numbers up to 2^53 in as many octets as they need: seven bits each, the lowest first. */
export type Cursor = { readonly bytes: Uint8Array; at: number }

export function readVarint(cursor: Cursor): number {
  const first = cursor.bytes[cursor.at++] ?? 0
  if (first < 128) return first
  let value = first & 127
  let scale = 128
  for (;;) {
    const byte = cursor.bytes[cursor.at++] ?? 0
    value += (byte & 127) * scale
    if (byte < 128 || scale > 0x10_0000_0000_0000) return value
    scale *= 128
  }
}

/** Writes at `at`; where it ends. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 128) {
    bytes[at++] = (value % 128) | 128
    value = Math.floor(value / 128)
  }
  bytes[at++] = value
  return at
}

export const maxVarintBytes = 8
