/** Prints header fields of ours. No input can end a field or begin another: controls never pass. RFC 5322 §2.2, §2.2.3 */
import { utf8 } from '#base/bytes.ts'

/** RFC 5322 §2.1.1 */
const lineCharacters = 78
/** RFC 2047 §2: an encoded word has 75 characters; `=?UTF-8?B?` and `?=` take 12, base64 makes 60 of 45 octets */
const encodedWordOctets = 45

/** `Name: word word` folded before words; words are printed as they are, controls in them become `?`. */
export function foldWords(name: string, words: readonly string[]): string {
  let text = `${name}:`
  let column = text.length
  for (const word of hasControls.test(words.join('')) ? words.map(withoutControls) : words) {
    if (column + 1 + word.length > lineCharacters && column > name.length + 1) {
      text += `\r\n\t${word}`
      column = word.length + 8
    } else {
      text += ` ${word}`
      column += word.length + 1
    }
  }
  return `${text}\r\n`
}

/** An unstructured field for people: folded, and in encoded words where it is not ASCII. RFC 2047 §5 (1) */
export function unstructuredField(name: string, value: string): Uint8Array {
  const clean = withoutControls(value.toWellFormed()).trim()
  const words = /[^ -~]|=\?/.test(clean) ? encodeWords(clean) : clean.split(/ +/)
  return utf8(foldWords(name, words))
}

/** A display name: atoms, a quoted string or encoded words. RFC 5322 §3.4 */
export function printPhrase(text: string): string {
  const clean = withoutControls(text.toWellFormed()).trim()
  if (/[^ -~]|=\?/.test(clean)) return encodeWords(clean).join(' ')
  if (/^[\w !#$%&'*+/=?^`{|}~-]*$/.test(clean)) return clean
  return `"${clean.replace(/["\\]/g, '\\$&')}"`
}

/** Encoded words of at most 75 characters, each of whole characters (RFC 2047 §5) */
export function encodeWords(text: string): string[] {
  const words: string[] = []
  let piece = ''
  let octets = 0
  const flush = () => {
    if (piece !== '') words.push(`=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`)
    piece = ''
    octets = 0
  }
  for (const character of text) {
    const size = Buffer.byteLength(character)
    if (octets + size > encodedWordOctets) flush()
    piece += character
    octets += size
  }
  flush()
  return words
}

const controls = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g
const hasControls = new RegExp(controls.source)

/** C0 and C1 controls, DEL, and the Unicode line ends, each as `?` */
export function withoutControls(text: string): string {
  return text.replace(controls, '?')
}
