/** Bytes of a letter to text, whatever the label says. Never throws; what cannot be read becomes U+FFFD. */
import { isAscii, isUtf8 } from 'node:buffer'
import { asciiText } from '#base/bytes.ts'
import { decodeBig5 } from './big5-hkscs.ts'
import { detectCharset, hasIso2022Escape, looksJapanese, looksUtf8, withoutCutCharacter } from './detect.ts'
import { decodeEucKr } from './euc-kr.ts'
import { decodeHz } from './hz.ts'
import { decodeIso2022 } from './iso-2022.ts'
import { aliases, unknowing } from './labels.ts'
import { decodeUtf7 } from './utf7.ts'
import { decodeWide, wideUnits } from './wide.ts'

/**
 * `label` as in Content-Type or an encoded word, in any case; undefined, unknown and `us-ascii` labels let the bytes decide:
 * UTF-8 where it is valid, else ISO-2022-JP, Shift_JIS or EUC-JP where it looks so, else windows-1252. So they do where they
 * contradict the label.
 */
export function decodeText(bytes: Uint8Array, label?: string): string {
  return decodeFound(bytes, label).text
}

/** `charset`: the one that it was read in, as WHATWG names it where it does, whatever the label said */
export type Decoded = { readonly text: string; readonly charset: string }

/** The same, with the charset that was found. */
export function decodeFound(bytes: Uint8Array, label?: string): Decoded {
  const charset = charsetOf(label ?? '')
  if (typeof charset === 'function') return charset(bytes)
  if (!charset) return unlabelled(bytes)
  return decodeDoubted(charset, bytes)
}

/** By the label and nothing else, as a person wants it who knows better. Undefined: the label is none that is known, or says nothing. */
export function decodeAs(bytes: Uint8Array, label: string): Decoded | undefined {
  const charset = charsetOf(label)
  if (charset === decodeLabelledIso2022) return { text: decodeIso2022(bytes), charset: 'iso-2022-jp' }
  const wide = wideUnits(label.trim().toLowerCase())
  if (wide) return { text: decodeWide(bytes, wide.octets, wide.order), charset: label.trim().toLowerCase() }
  if (typeof charset === 'function') return charset(bytes)
  return charset && { text: charset.decode(bytes), charset: charset.encoding }
}

/** Whether a label names a charset that is known here. */
export function isKnownCharset(label: string): boolean {
  return unknowing.has(label.trim().toLowerCase()) || charsetOf(label) !== undefined
}

export function decodeUnlabelled(bytes: Uint8Array): string {
  return unlabelled(bytes).text
}

function unlabelled(bytes: Uint8Array): Decoded {
  if (isAscii(bytes) && !bytes.includes(27)) return ascii(bytes)
  return decodeDetected(bytes)
}

function ascii(bytes: Uint8Array): Decoded {
  return { text: asciiText(bytes), charset: 'us-ascii' }
}

function decodeDetected(bytes: Uint8Array): Decoded {
  const charset = detectCharset(bytes)
  const text = charset === 'iso-2022-jp' ? decodeIso2022(bytes) : (decoderOf(charset)?.decode(bytes) ?? '')
  return { text, charset }
}

/** `encoding` as WHATWG names it */
type Decoder = { readonly encoding: string; decode(bytes: Uint8Array): string }

/** Undefined: it says nothing, or nothing that is known. */
function charsetOf(label: string): Charset {
  if (charsets.has(label)) return charsets.get(label)
  const charset = newCharset(label)
  // as of decoders: labels come from strangers
  if (charsets.size < maxDecoders && label.length < 40) charsets.set(label, charset)
  return charset
}

type Charset = Decoder | ((bytes: Uint8Array) => Decoded) | undefined

function newCharset(label: string): Charset {
  const name = label.trim().toLowerCase()
  if (unknowing.has(name)) return undefined
  if (/^(?:x-)?(?:unicode-1-1-)?utf-?7$/.test(name)) return readUtf7
  if (/^(?:cs)?iso-?2022-?kr$/.test(name)) return readIso2022Kr
  if (/^hz(?:-gb-2312)?$/.test(name)) return readHz
  const wide = wideUnits(name)
  if (wide)
    return bytes =>
      isUtf8(bytes) && !bytes.includes(0)
        ? unlabelled(bytes)
        : { text: decodeWide(bytes, wide.octets, wide.order), charset: name }
  const decoder = decoderOf(aliases[name] ?? name)
  return decoder?.encoding === 'iso-2022-jp' ? decodeLabelledIso2022 : decoder
}

/** Without an escape sequence it is something else. */
function decodeLabelledIso2022(bytes: Uint8Array): Decoded {
  if (bytes.includes(27) || bytes.includes(14)) return { text: decodeIso2022(bytes), charset: 'iso-2022-jp' }
  return isAscii(bytes) ? ascii(bytes) : decodeDetected(bytes)
}

const readUtf7 = (bytes: Uint8Array): Decoded => ({ text: decodeUtf7(bytes), charset: 'utf-7' })
const readIso2022Kr = (bytes: Uint8Array): Decoded => ({ text: decodeIso2022(bytes), charset: 'iso-2022-kr' })
const readHz = (bytes: Uint8Array): Decoded => ({ text: decodeHz(bytes), charset: 'hz-gb-2312' })

/**
 * By the label, unless the bytes say that it lies: escape sequences where seven bits are ASCII; UTF-8, which other text hardly ever
 * happens to be; Japanese that is not of the charset named, but without a fault of another one.
 */
function decodeDoubted(decoder: Decoder, bytes: Uint8Array): Decoded {
  // ASCII is the lower half of all charsets that are left here
  if (isAscii(bytes))
    return hasIso2022Escape(bytes) ? { text: decodeIso2022(bytes), charset: 'iso-2022-jp' } : ascii(bytes)
  if (decoder.encoding === 'utf-8') return decodeDoubtedUtf8(decoder, bytes)
  if (looksUtf8(bytes) && isSurelyUtf8(decoder, bytes)) return decodeDetected(bytes)
  if (decoder.encoding === 'windows-1252' && looksJapanese(bytes)) return decodeDetected(bytes)
  const said = { text: decoder.decode(bytes), charset: decoder.encoding }
  if (decoder.encoding === 'windows-1252') return said
  return said.text.includes('\ufffd') ? (faultless(bytes) ?? said) : said
}

function decodeDoubtedUtf8(decoder: Decoder, bytes: Uint8Array): Decoded {
  const text = decoder.decode(bytes)
  const said = { text, charset: decoder.encoding }
  if (isUtf8(bytes)) return said
  // characters of more than one octet tell that it is UTF-8 all the same, cut or damaged
  const sample = text.slice(0, 65_536)
  const valid = sample.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0
  const faults = sample.match(/\ufffd/g)?.length ?? 0
  if (valid > faults) return said
  return looksJapanese(bytes) || (valid === 0 && !isAscii(withoutCutCharacter(bytes)) && isWestern(bytes))
    ? decodeDetected(bytes)
    : said
}

/** Each octet above ASCII stands alone, as accents in Western text do and the remains of UTF-8 do not. */
function isWestern(bytes: Uint8Array): boolean {
  return !bytes.some((byte, at) => byte >= 0x80 && (bytes[at + 1] ?? 0) >= 0x80)
}

/** Japanese in one of its charsets, without a fault; else undefined. */
function faultless(bytes: Uint8Array): Decoded | undefined {
  if (detectCharset(bytes) === 'windows-1252') return undefined
  const found = decodeDetected(bytes)
  return found.text.includes('\ufffd') ? undefined : found
}

/** Two half-width kana, or two letters of East Asia, can pass for one character of two octets; three octets are no chance. */
function isSurelyUtf8({ encoding }: Decoder, bytes: Uint8Array): boolean {
  if (!multiByte.has(encoding)) return true
  const sample = bytes.subarray(0, 4096)
  return sample.some((byte, at) => byte >= 0xe1 && byte <= 0xef && (bytes[at + 2] ?? 0) >= 0x80)
}

const multiByte: ReadonlySet<string> = new Set(['shift_jis', 'euc-jp', 'gbk', 'gb18030', 'big5', 'euc-kr'])

/** WHATWG's tables have more than TextDecoder reads here. */
const ownDecoders: Readonly<Record<string, (bytes: Uint8Array) => string>> = { big5: decodeBig5, 'euc-kr': decodeEucKr }

/** Labels come from strangers: only so many decoders are kept. */
const maxDecoders = 64
const decoders = new Map<string, Decoder>()
const charsets = new Map<string, Charset>()

function decoderOf(name: string): Decoder | undefined {
  const before = decoders.get(name)
  if (before) return before
  try {
    const decoder = new TextDecoder(name, { ignoreBOM: false })
    // WHATWG maps some dangerous charsets to "replacement", which reads nothing
    if (decoder.encoding === 'replacement') return undefined
    const { encoding } = decoder
    const own = ownDecoders[encoding]
    const known = own ? { encoding, decode: own } : decoder
    if (decoders.size < maxDecoders) decoders.set(name, known)
    return known
  } catch {
    return undefined
  }
}
