/**
 * Text whose escape sequences name its character sets: ISO-2022-JP (RFC 1468), -1 (RFC 2237), -2 (RFC 1554), -3 (JIS X 0213), what
 * Microsoft's CP50220 to 50222 and old senders add (half-width kana by ESC ( I, by SO and SI, or in eight bits; NEC and IBM rows), and
 * ISO-2022-KR (RFC 1557). TextDecoder knows the first of them only. Never throws; what is no character becomes U+FFFD.
 */
import { asciiText } from '#base/bytes.ts'
import { jisX0213 } from './jis-x-0213.ts'

type CharacterSet = 'ascii' | 'roman' | 'kana' | 'jis-0208' | 'jis-0212' | 'jis-0213-1' | 'jis-0213-2' | 'gb' | 'ks'
type Upper = 'latin-1' | 'greek'
/** What an escape sequence does */
type Designation =
  | { readonly set: CharacterSet }
  /** G2, for the one character behind each ESC N */
  | { readonly upper: Upper }
  /** ISO-2022-KR: what SO means from now on */
  | { readonly shifted: 'ks' }
  | { readonly announces: true }

const designations: Readonly<Record<string, Designation>> = {
  '(B': { set: 'ascii' },
  '(J': { set: 'roman' },
  // written for ( J by old senders
  '(H': { set: 'roman' },
  '(I': { set: 'kana' },
  '$@': { set: 'jis-0208' },
  $B: { set: 'jis-0208' },
  '$(@': { set: 'jis-0208' },
  '$(B': { set: 'jis-0208' },
  '$(D': { set: 'jis-0212' },
  '$(O': { set: 'jis-0213-1' },
  '$(Q': { set: 'jis-0213-1' },
  '$(P': { set: 'jis-0213-2' },
  $A: { set: 'gb' },
  '$(A': { set: 'gb' },
  '$(C': { set: 'ks' },
  '$)C': { shifted: 'ks' },
  '.A': { upper: 'latin-1' },
  '.F': { upper: 'greek' },
  // JIS X 0208:1990 says it before $ B
  '&@': { announces: true },
}

const escape = 27
const shiftOut = 14
const shiftIn = 15
const replacement = '\ufffd'

export function decodeIso2022(bytes: Uint8Array): string {
  return new Iso2022Reader(bytes).read()
}

class Iso2022Reader {
  readonly #bytes: Uint8Array
  #at = 0
  #set: CharacterSet = 'ascii'
  #isShifted = false
  #shifted: CharacterSet = 'kana'
  #upper: Upper = 'latin-1'
  readonly #out: string[] = []

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(): string {
    while (this.#at < this.#bytes.length) this.#step()
    return this.#out.join('')
  }

  #step(): void {
    const byte = this.#bytes[this.#at] ?? 0
    if (byte === escape) return this.#escape()
    if (byte === shiftOut || byte === shiftIn) {
      this.#isShifted = byte === shiftOut
      this.#at++
      return
    }
    if (byte <= 32 || byte === 127) return this.#controls()
    const set = this.#isShifted ? this.#shifted : this.#set
    const end = this.#runEnd(byte >= 128)
    // 8-bit octets are the half-width kana of CP50221
    if (byte >= 128) this.#put(kanaText(this.#take(end)))
    else if (set === 'ascii') this.#put(asciiText(this.#take(end)))
    else if (set === 'roman') this.#put(romanText(this.#take(end)))
    else if (set === 'kana') this.#put(kanaText(this.#take(end)))
    else this.#put(pairsText(set, this.#take(end)))
  }

  #put(text: string): void {
    this.#out.push(text)
  }

  #take(end: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** A line begins in ASCII: whoever forgot to say so meant it. RFC 1468 "Formal Syntax" */
  #controls(): void {
    let end = this.#at
    for (; end < this.#bytes.length; end++) {
      const byte = this.#bytes[end] ?? 0
      const isControl = (byte <= 32 || byte === 127) && byte !== escape && byte !== shiftOut && byte !== shiftIn
      if (!isControl) break
      if (byte === 10) {
        this.#set = 'ascii'
        this.#isShifted = false
      }
    }
    this.#put(asciiText(this.#take(end)))
  }

  #runEnd(isUpper: boolean): number {
    let end = this.#at + 1
    for (; end < this.#bytes.length; end++) {
      const byte = this.#bytes[end] ?? 0
      if (byte <= 32 || byte === 127 || byte >= 128 !== isUpper) break
    }
    return end
  }

  #escape(): void {
    const bytes = this.#bytes
    const first = bytes[this.#at + 1] ?? 0
    // ESC N and one character of G2, in seven bits
    if (first === 0x4e && this.#at + 2 < bytes.length) {
      this.#put(upperText(this.#upper, bytes[this.#at + 2] ?? 0))
      this.#at += 3
      return
    }
    for (const length of [2, 3]) {
      const name = asciiText(bytes.subarray(this.#at + 1, this.#at + 1 + length))
      const designation = name.length === length && Object.hasOwn(designations, name) ? designations[name] : undefined
      if (!designation) continue
      this.#at += 1 + length
      return this.#designate(designation)
    }
    this.#put('\u001b')
    this.#at++
  }

  #designate(designation: Designation): void {
    if ('shifted' in designation) this.#shifted = designation.shifted
    if ('upper' in designation) this.#upper = designation.upper
    if (!('set' in designation)) return
    this.#set = designation.set
    this.#isShifted = false
  }
}

const eucJp = new TextDecoder('euc-jp')
const eucKr = new TextDecoder('euc-kr')
const gbk = new TextDecoder('gbk')
const greek = new TextDecoder('iso-8859-7')

function romanText(bytes: Uint8Array): string {
  return asciiText(bytes).replaceAll('\\', '¥').replaceAll('~', '‾')
}

/** JIS X 0201, in seven or eight bits */
function kanaText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const low = byte & 0x7f
    text += low >= 0x21 && low <= 0x5f ? String.fromCharCode(0xff40 + low) : replacement
  }
  return text
}

function upperText(upper: Upper, byte: number): string {
  if ((byte & 0x7f) < 0x20) return replacement
  return upper === 'latin-1' ? String.fromCharCode(byte | 0x80) : greek.decode(Uint8Array.of(byte | 0x80))
}

function pairsText(set: CharacterSet, bytes: Uint8Array): string {
  const even = bytes.length & ~1
  const text = evenPairs(set, bytes.subarray(0, even))
  return even === bytes.length ? text : text + replacement
}

function evenPairs(set: CharacterSet, bytes: Uint8Array): string {
  if (set === 'jis-0213-1' || set === 'jis-0213-2') return jisX0213Text(set === 'jis-0213-1' ? 1 : 2, bytes)
  if (set === 'jis-0212') return eucJp.decode(tripled(bytes))
  const upper = bytes.map(byte => byte | 0x80)
  return (set === 'gb' ? gbk : set === 'ks' ? eucKr : eucJp).decode(upper)
}

/** EUC-JP writes JIS X 0212 with 8F in front. */
function tripled(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array((bytes.length / 2) * 3)
  for (let at = 0, to = 0; at < bytes.length; at += 2, to += 3)
    out.set([0x8f, (bytes[at] ?? 0) | 0x80, (bytes[at + 1] ?? 0) | 0x80], to)
  return out
}

function jisX0213Text(plane: 1 | 2, bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 2) {
    const [row, cell] = [(bytes[at] ?? 0) - 0x20, (bytes[at + 1] ?? 0) - 0x20]
    text +=
      jisX0213(plane, row, cell) ?? (plane === 1 ? eucJp.decode(Uint8Array.of(row + 0xa0, cell + 0xa0)) : '\ufffd')
  }
  return text
}
