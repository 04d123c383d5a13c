/** The base64 of crypt(3): its own alphabet, least significant six bits first. */

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `characters` characters for the three octets, `c` being the lowest. */
export function cryptBase64(a: number, b: number, c: number, characters: number): string {
  let word = (a << 16) | (b << 8) | c
  let text = ''
  for (let at = 0; at < characters; at++) {
    text += alphabet.charAt(word & 63)
    word >>>= 6
  }
  return text
}

/** Value of one character, or -1. */
export function cryptValue(character: string): number {
  return alphabet.indexOf(character)
}
