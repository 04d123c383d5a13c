/** xtext: printable ASCII with `+HH` for the rest. RFC 3461 §4 */

const plain = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/

/** Undefined when the text is not xtext. Octets are decoded as UTF-8. */
export function decodeXtext(text: string): string | undefined {
  if (!plain.test(text)) return undefined
  if (!text.includes('+')) return text
  const out: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '+') {
      out.push(Number.parseInt(text.slice(at + 1, at + 3), 16))
      at += 2
    } else out.push(text.charCodeAt(at))
  }
  return Buffer.from(out).toString('utf8')
}

export function encodeXtext(text: string): string {
  let out = ''
  for (const byte of Buffer.from(text, 'utf8'))
    out +=
      byte > 0x20 && byte < 0x7f && byte !== 0x2b && byte !== 0x3d
        ? String.fromCharCode(byte)
        : `+${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return out
}
