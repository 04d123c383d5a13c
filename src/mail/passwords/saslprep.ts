/**
 * SASLprep: the form in which names and passwords are compared. RFC 4013, on RFC 3454 (stringprep) tables.
 *
 * Unicode is newer here than stringprep's 3.2: characters that did not exist then pass as they are, as "stored strings"
 * would refuse and "queries" allow (RFC 3454 §7).
 */

/** RFC 3454 B.1, commonly mapped to nothing */
const mappedToNothing = /\u034f|[\ufe00-\ufe0f]|[\u00ad\u1806\u180b-\u180d\u200b-\u200d\u2060\ufeff]/g
/** RFC 3454 C.1.2, non-ASCII spaces, mapped to a space by RFC 4013 §2.1 */
const otherSpaces = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g
/** RFC 4013 §2.3: controls, private use, non-characters, surrogates, what changes display, tags */
const prohibited = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u06dd\\u070f\\u180e\\u2028\\u2029\\u2061-\\u2063\\u206a-\\u206f\\ufff9-\\ufffd' +
    '\\u{1d173}-\\u{1d17a}\\ue000-\\uf8ff\\u{f0000}-\\u{ffffd}\\u{100000}-\\u{10fffd}\\ufdd0-\\ufdef\\ud800-\\udfff' +
    '\\u2ff0-\\u2ffb\\u0340\\u0341\\u200e\\u200f\\u202a-\\u202e\\u{e0001}\\u{e0020}-\\u{e007f}' +
    Array.from(
      { length: 17 },
      (_, plane) => `\\u{${(plane * 0x10000 + 0xfffe).toString(16)}}-\\u{${(plane * 0x10000 + 0xffff).toString(16)}}`,
    ).join('') +
    ']',
  'u',
)
/** RFC 3454 D.1: Hebrew, Arabic, Syriac, Thaana and their presentation forms */
const rightToLeft =
  /[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc]/
/** RFC 3454 D.2, near enough: letters that are written from left to right */
const leftToRight = /(?=\p{L})[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u

/** Undefined for text that must not be used. */
export function saslPrep(text: string): string | undefined {
  if (/^[ -~]*$/.test(text)) return text
  const mapped = text.replace(otherSpaces, ' ').replace(mappedToNothing, '').normalize('NFKC')
  if (!mapped.isWellFormed() || prohibited.test(mapped)) return undefined
  return followsBidiRule(mapped) ? mapped : undefined
}

/** RFC 3454 §6 */
function followsBidiRule(text: string): boolean {
  if (!rightToLeft.test(text)) return true
  return !leftToRight.test(text) && rightToLeft.test(text.charAt(0)) && rightToLeft.test(text.charAt(text.length - 1))
}
