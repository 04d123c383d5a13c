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
  const charset = charsetOf(label ?? '')
  if (typeof charset === 'function') return charset(bytes)
  if (!charset) return decodeUnlabelled(bytes)
  return decodeDoubted(charset, bytes)
}

/** Whether a label names a charset that is known here. */
export function isKnownCharset(label: string): boolean {
  return unknowing.has(label.trim().toLowerCase()) || charsetOf(label) !== undefined
}

export function decodeUnlabelled(bytes: Uint8Array): string {
  if (isAscii(bytes) && !bytes.includes(27)) return asciiText(bytes)
  return decodeDetected(bytes)
}

function decodeDetected(bytes: Uint8Array): string {
  const detected = detectCharset(bytes)
  return detected === 'iso-2022-jp' ? decodeIso2022(bytes) : (decoderOf(detected)?.decode(bytes) ?? '')
}

/** `encoding` as WHATWG names it */
type Decoder = { readonly encoding: string; decode(bytes: Uint8Array): string }

/** Undefined: it says nothing, or nothing that is known. */
function charsetOf(label: string): Decoder | ((bytes: Uint8Array) => string) | undefined {
  const name = label.trim().toLowerCase()
  if (unknowing.has(name)) return undefined
  if (/^(?:x-)?(?:unicode-1-1-)?utf-?7$/.test(name)) return decodeUtf7
  if (/^(?:cs)?iso-?2022-?kr$/.test(name)) return decodeIso2022
  if (/^hz(?:-gb-2312)?$/.test(name)) return decodeHz
  const wide = wideUnits(name)
  if (wide)
    return bytes =>
      isUtf8(bytes) && !bytes.includes(0) ? decodeUnlabelled(bytes) : decodeWide(bytes, wide.octets, wide.order)
  const decoder = decoderOf(aliases[name] ?? name)
  return decoder?.encoding === 'iso-2022-jp' ? decodeLabelledIso2022 : decoder
}

/** Without an escape sequence it is something else. */
function decodeLabelledIso2022(bytes: Uint8Array): string {
  if (bytes.includes(27) || bytes.includes(14)) return decodeIso2022(bytes)
  return isAscii(bytes) ? asciiText(bytes) : decodeDetected(bytes)
}

/**
 * By the label, unless the bytes say that it lies: escape sequences where seven bits are ASCII; UTF-8, which other text hardly ever
 * happens to be; Japanese that is not of the charset named, but without a fault of another one.
 */
function decodeDoubted(decoder: Decoder, bytes: Uint8Array): string {
  // ASCII is the lower half of all charsets that are left here
  if (isAscii(bytes)) return hasIso2022Escape(bytes) ? decodeIso2022(bytes) : asciiText(bytes)
  if (decoder.encoding === 'utf-8') return decodeDoubtedUtf8(decoder, bytes)
  if (looksUtf8(bytes) && isSurelyUtf8(decoder, bytes)) return decodeDetected(bytes)
  if (decoder.encoding === 'windows-1252') return looksJapanese(bytes) ? decodeDetected(bytes) : decoder.decode(bytes)
  const text = decoder.decode(bytes)
  return text.includes('\ufffd') ? (faultless(bytes) ?? text) : text
}

function decodeDoubtedUtf8(decoder: Decoder, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return decoder.decode(bytes)
  const text = decoder.decode(bytes)
  // characters of more than one octet tell that it is UTF-8 all the same, cut or damaged
  const sample = text.slice(0, 65_536)
  const valid = sample.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0
  const faults = sample.match(/\ufffd/g)?.length ?? 0
  if (valid > faults) return text
  return looksJapanese(bytes) || (valid === 0 && !isAscii(withoutCutCharacter(bytes)) && isWestern(bytes))
    ? decodeDetected(bytes)
    : text
}

/** Each octet above ASCII stands alone, as accents in Western text do and the remains of UTF-8 do not. */
function isWestern(bytes: Uint8Array): boolean {
  return !bytes.some((byte, at) => byte >= 0x80 && (bytes[at + 1] ?? 0) >= 0x80)
}

/** Japanese in one of its charsets, without a fault; else undefined. */
function faultless(bytes: Uint8Array): string | undefined {
  if (detectCharset(bytes) === 'windows-1252') return undefined
  const text = decodeDetected(bytes)
  return text.includes('\ufffd') ? undefined : text
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
