/** An internationalised address where only ASCII may stand: utf-8-addr-xtext. RFC 6533 §3 */

/** `\x{HEX}` for all but printable ASCII, and for `\`, `+` and `=`. */
export function printUtf8Address(address: string): string {
  return Array.from(address)
    .map(character => (/[!-*,-<>-[\]-~]/.test(character) ? character : escaped(character)))
    .join('')
}

/** Also what has UTF-8 beside the escapes (utf-8-addr-unitext). An escape that names no character stays as it is. */
export function readUtf8Address(text: string): string {
  return text.replace(/\\x\{([0-9a-f]{1,6})\}/gi, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16)
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? whole : String.fromCodePoint(code)
  })
}

export function escaped(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`
}
