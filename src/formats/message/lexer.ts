/**
 * Tokens of structured fields over bytes: RFC 5322 §3.2 with the obsolete forms of §4.1, bytes over 0x7f taken as text
 * (RFC 6532, and raw 8-bit headers). Line ends count as blanks, so nothing needs unfolding first. Always moves forward.
 */
import { isUtf8 } from 'node:buffer'
import { emptyBytes } from '#base/bytes.ts'

const quotationMark = 34
const parenthesis = 40
const closingParenthesis = 41
const backslash = 92
const escape = 27
const dollar = 36
const lineFeed = 10
const carriageReturn = 13

export class Lexer {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  /** Text of the last comment that was skipped, its outer parentheses removed */
  comment: Uint8Array | undefined
  /** A quotation mark had no partner: those that follow have none either. */
  #unpaired = false
  /** Raw Shift_JIS may stand here; undefined: not looked at yet */
  #mayBeShiftJis: boolean | undefined

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.bytes = bytes
    this.at = from
    this.end = to
  }

  /** The byte here, -1 at the end */
  peek(): number {
    return this.at < this.end ? (this.bytes[this.at] ?? -1) : -1
  }

  /** Takes this byte when it is here. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false
    this.at++
    return true
  }

  /** Blanks and comments (§3.2.2). True when there were any. */
  skipBlanks(): boolean {
    const before = this.at
    for (;;) {
      const byte = this.peek()
      if (isBlankByte(byte)) this.at++
      else if (byte === parenthesis) this.comment = this.#readComment()
      else return this.at > before
    }
  }

  /** Content of the quoted-string here, escapes undone and line ends removed. Undefined when the quote is never closed. */
  quotedString(): Uint8Array | undefined {
    if (this.#unpaired || this.peek() !== quotationMark) return undefined
    let plain = true
    for (let at = this.at + 1; at < this.end; at++) {
      const byte = this.bytes[at]
      if (byte === escape) at = afterJapanese(this.bytes, at, this.end) - 1
      else if (byte === quotationMark) {
        const content = this.bytes.subarray(this.at + 1, at)
        this.at = at + 1
        return plain ? content : unescaped(content)
      }
      // the second octet of a raw Shift_JIS character is no backslash, even where the quotation mark behind it looks escaped
      if (isSplitByBackslash(this.bytes, at, this.end) && (this.#mayBeShiftJis ??= !isUtf8(this.bytes))) {
        at++
        plain = false
      } else if (byte === backslash) {
        at++
        plain = false
      } else if (byte === lineFeed || byte === carriageReturn) plain = false
    }
    this.#unpaired = true
    return undefined
  }

  /** Bytes from here while `belongs` says so; raw ISO-2022-JP text always belongs. */
  run(belongs: (byte: number) => boolean): Uint8Array {
    const from = this.at
    while (this.at < this.end) {
      const byte = this.bytes[this.at] ?? 0
      if (byte === escape) this.at = afterJapanese(this.bytes, this.at, this.end)
      else if (belongs(byte)) this.at++
      else break
    }
    return from === this.at ? emptyBytes : this.bytes.subarray(from, this.at)
  }

  /** Comments nest; one that is never closed reaches to the end of the field. */
  #readComment(): Uint8Array {
    const from = this.at + 1
    let depth = 0
    while (this.at < this.end) {
      const byte = this.bytes[this.at++]
      if (byte === backslash) this.at++
      else if (byte === parenthesis) depth++
      else if (byte === closingParenthesis && --depth === 0) return unescaped(this.bytes.subarray(from, this.at - 1))
    }
    this.at = this.end
    return unescaped(this.bytes.subarray(from, this.end))
  }
}

/**
 * After the double-byte text that begins here with ESC $ (RFC 1468), raw in headers of old programs: its bytes look like quotes,
 * brackets and commas. After the ESC itself when no such text begins here.
 */
function afterJapanese(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 1] !== dollar) return at + 1
  const back = bytes.indexOf(escape, at + 2)
  if (back < 0 || back >= end) return end
  return bytes[back + 1] === parenthesis ? Math.min(back + 3, end) : back
}

/**
 * Raw Shift_JIS at `at` whose second octet is 5C (表, ソ, 予 …). In Latin 1 it would be a letter before an escaped mark: that is believed where
 * a quotation mark follows that cannot close.
 */
function isSplitByBackslash(bytes: Uint8Array, at: number, end: number): boolean {
  const lead = bytes[at] ?? 0
  if (!isPossibleLead(lead) || bytes[at + 1] !== backslash || !isFirstOctet(bytes, at)) return false
  if (bytes[at + 2] !== quotationMark) return true
  return at + 3 >= end || isBlankByte(bytes[at + 3] ?? 0) || closers.has(bytes[at + 3] ?? 0)
}

/** Octets that go before: an even number of them could be leads, so this is none's second octet. */
function isFirstOctet(bytes: Uint8Array, at: number): boolean {
  let before = 0
  while (before < at && isPossibleLead(bytes[at - before - 1] ?? 0)) before++
  return before % 2 === 0
}

function isPossibleLead(byte: number): boolean {
  return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc)
}

const closers = new Set(Array.from('<>;,:', char => char.charCodeAt(0)))

export function isBlankByte(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === lineFeed || byte === carriageReturn
}

/** Quoted pairs undone, line ends removed. */
export function unescaped(content: Uint8Array): Uint8Array {
  if (!content.includes(backslash) && !content.includes(lineFeed) && !content.includes(carriageReturn)) return content
  const mayBeShiftJis = !isUtf8(content)
  const out = new Uint8Array(content.length)
  let length = 0
  for (let at = 0; at < content.length; at++) {
    let byte = content[at] ?? 0
    if (mayBeShiftJis && isSplitByBackslash(content, at, content.length)) {
      out[length++] = byte
      byte = backslash
      at++
    } else if (byte === backslash && at + 1 < content.length) byte = content[++at] ?? 0
    if (byte !== lineFeed && byte !== carriageReturn) out[length++] = byte
  }
  return out.subarray(0, length)
}

/** RFC 2045 §5.1 token: no blanks, controls or tspecials. */
export function isTokenByte(byte: number): boolean {
  return byte > 32 && byte < 127 && tspecials[byte] !== 1
}

const tspecials = new Uint8Array(256)
for (const special of '()<>@,;:\\"/[]?=') tspecials[special.charCodeAt(0)] = 1
