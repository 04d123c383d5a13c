/** Mailbox names on the wire: modified UTF-7 (RFC 3501 §5.1.3), or UTF-8 where that has been enabled (RFC 9051 §5.1, RFC 6855 §3). */

const ampersand = 0x26
const minus = 0x2d
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,'
const values = new Int8Array(256).fill(-1)
for (let value = 0; value < 64; value += 1) values[alphabet.charCodeAt(value)] = value

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * UTF-8 text in NFC of a name as it came; undefined when it is neither modified UTF-7 nor UTF-8.
 * Raw UTF-8 is what several clients send without asking; no valid modified UTF-7 has bytes over 0x7e, so nothing is ambiguous.
 */
export function decodeMailboxName(bytes: Uint8Array, isUtf8 = false): string | undefined {
  return decodeAsWritten(bytes, isUtf8)?.normalize('NFC')
}

/** The same, not yet in NFC. */
export function decodeAsWritten(bytes: Uint8Array, isUtf8: boolean): string | undefined {
  if (isUtf8 || bytes.some(byte => byte >= 0x80)) return decodeUtf8(bytes)
  let name = ''
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte < 0x20 || byte === 0x7f) return undefined
    if (byte !== ampersand) {
      name += String.fromCharCode(byte)
      continue
    }
    const end = bytes.indexOf(minus, at)
    if (end < 0) return undefined
    const shifted = end === at + 1 ? '&' : decodeShifted(bytes.subarray(at + 1, end))
    if (shifted === undefined) return undefined
    name += shifted
    at = end
  }
  return name
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    const name = strictUtf8.decode(bytes)
    // RFC 9051 §5.1: no controls, no U+2028 and U+2029
    return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name) ? undefined : name
  } catch {
    return undefined
  }
}

function decodeShifted(bytes: Uint8Array): string | undefined {
  const units: number[] = []
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    const value = values[byte] ?? -1
    if (value < 0) return undefined
    held = ((held << 6) | value) & 0x3f_ffff
    bits += 6
    if (bits < 16) continue
    bits -= 16
    units.push((held >> bits) & 0xffff)
  }
  // what is left over is padding: fewer than six bits, all zero
  if (bits >= 6 || (held & ((1 << bits) - 1)) !== 0 || units.length === 0) return undefined
  const text = String.fromCharCode(...units)
  return text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text) ? text : undefined
}

/** The name in modified UTF-7: printable ASCII only. */
export function encodeMailboxName(name: string): string {
  let wire = ''
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at)
    if (unit === ampersand) wire += '&-'
    else if (unit >= 0x20 && unit < 0x7f) wire += name[at]
    else {
      const start = at
      while (at + 1 < name.length && isShifted(name.charCodeAt(at + 1))) at += 1
      wire += `&${encodeShifted(name.slice(start, at + 1))}-`
    }
  }
  return wire
}

function isShifted(unit: number): boolean {
  return unit < 0x20 || unit > 0x7e
}

function encodeShifted(text: string): string {
  let wire = ''
  let bits = 0
  let held = 0
  for (let at = 0; at < text.length; at += 1) {
    held = ((held << 16) | text.charCodeAt(at)) & 0x3f_ffff
    bits += 16
    while (bits >= 6) {
      bits -= 6
      wire += alphabet[(held >> bits) & 63]
    }
  }
  return bits === 0 ? wire : wire + alphabet[(held << (6 - bits)) & 63]
}
