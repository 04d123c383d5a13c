/** Keys that compare as i;unicode-casemap does. RFC 5051 §2, asked for by RFC 5256 §2 and RFC 5255 §4.4 */

/** Compare with `<` and `===`. */
export function casemapKey(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toUpperCase()
  return inCodePointOrder(titleCase(text).normalize('NFKD'))
}

/** Simple title case, code point by code point (field 14 of UnicodeData.txt). JavaScript knows only upper case, and the full one. */
function titleCase(text: string): string {
  return text.replaceAll(/\p{Ll}|\p{Lu}|\p{Lt}|\p{Mn}|\p{Nl}|\p{So}/gu, titleOf)
}

function titleOf(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const digraph = digraphs.find(([first, last]) => point >= first && point <= last)
  if (digraph) return String.fromCodePoint(digraph[2])
  // Georgian has capitals, and does not begin titles with them
  if (point >= 0x10d0 && point <= 0x10ff) return character
  if (point >= 0x1f80 && point <= 0x1faf) return String.fromCodePoint(point | 8)
  if (point === 0x1fb3 || point === 0x1fc3 || point === 0x1ff3) return String.fromCodePoint(point + 9)
  const upper = character.toUpperCase()
  return upper.length === character.length ? upper : singleOr(character, upper)
}

/** ß has no capital of its own here; what becomes several characters stays. */
function singleOr(character: string, upper: string): string {
  return String.fromCodePoint(upper.codePointAt(0) ?? 0) === upper ? upper : character
}

/** First, last, title case: ǆ ǉ ǌ ǳ and their kin */
const digraphs: readonly (readonly [number, number, number])[] = [
  [0x1c4, 0x1c6, 0x1c5],
  [0x1c7, 0x1c9, 0x1c8],
  [0x1ca, 0x1cc, 0x1cb],
  [0x1f1, 0x1f3, 0x1f2],
]

/** RFC 5051 compares octets of UTF-8, which is the order of code points. UTF-16 has U+E000 to U+FFFF after what needs surrogates. */
function inCodePointOrder(text: string): string {
  if (!/[\ud800-\uffff]/.test(text)) return text
  let key = ''
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    key += String.fromCharCode(unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)
  }
  return key
}
