/** UTF-16 and UTF-32, whose order of octets a mark at the start tells. RFC 2781, Unicode 16 §3.10 */

const replacement = 0xfffd

/** Undefined: no label of these. */
export function wideUnits(
  name: string,
): { readonly octets: 2 | 4; readonly order: 'big' | 'little' | undefined } | undefined {
  const [, width, end] = /^(?:utf-?|iso-10646-ucs-|csutf|ucs-?)(16|32|2|4)-?(be|le)?$/.exec(name) ?? []
  if (width === undefined) return undefined
  const order = end === 'be' ? 'big' : end === 'le' ? 'little' : undefined
  return { octets: width === '16' || width === '2' ? 2 : 4, order }
}

/** A mark overrules the label. With neither, the order that makes more zeros high octets, and big if none does (RFC 2781 §4.3). */
export function decodeWide(bytes: Uint8Array, octets: 2 | 4, labelled: 'big' | 'little' | undefined): string {
  const marked = markOf(bytes, octets)
  const order = marked ?? labelled ?? likelyOrder(bytes, octets)
  const text = octets === 2 ? utf16(bytes, order) : utf32(bytes, order)
  return marked ? text.slice(1) : text
}

function markOf(bytes: Uint8Array, octets: 2 | 4): 'big' | 'little' | undefined {
  const [a, b, c, d] = bytes
  if (octets === 4) {
    if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'big'
    return a === 0xff && b === 0xfe && c === 0 && d === 0 ? 'little' : undefined
  }
  if (a === 0xfe && b === 0xff) return 'big'
  return a === 0xff && b === 0xfe ? 'little' : undefined
}

/** Blanks, digits and line ends are in every script: their high octets are zero. */
function likelyOrder(bytes: Uint8Array, octets: 2 | 4): 'big' | 'little' {
  let first = 0
  let last = 0
  for (let at = 0; at + octets <= Math.min(bytes.length, 4096); at += octets) {
    if (bytes[at] === 0) first++
    if (bytes[at + octets - 1] === 0) last++
  }
  return last > first ? 'little' : 'big'
}

const big = new TextDecoder('utf-16be', { ignoreBOM: true })
const little = new TextDecoder('utf-16le', { ignoreBOM: true })

function utf16(bytes: Uint8Array, order: 'big' | 'little'): string {
  return (order === 'big' ? big : little).decode(bytes)
}

function utf32(bytes: Uint8Array, order: 'big' | 'little'): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pieces: string[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = view.getUint32(at, order === 'little')
    const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    pieces.push(String.fromCodePoint(isCharacter ? code : replacement))
  }
  if (bytes.length % 4 !== 0) pieces.push('\ufffd')
  return pieces.join('')
}
