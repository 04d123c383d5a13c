/** Bytes of a letter to text, whatever the label says. Never throws; what cannot be read becomes U+FFFD. */
import { isAscii } from 'node:buffer'
import { asciiText } from '#base/bytes.ts'
import { detectCharset } from './detect.ts'
import { withoutIdleEscapes } from './iso-2022-jp.ts'
import { aliases, unknowing } from './labels.ts'
import { decodeUtf7 } from './utf7.ts'

/**
 * `label` as in Content-Type or an encoded word, in any case; undefined, unknown and `us-ascii` labels let the bytes decide:
 * UTF-8 where it is valid, else ISO-2022-JP, Shift_JIS or EUC-JP where it looks so, else windows-1252.
 */
export function decodeText(bytes: Uint8Array, label?: string): string {
  const name = (label ?? '').trim().toLowerCase()
  if (/^(?:x-)?(?:unicode-1-1-)?utf-?7$/.test(name)) return decodeUtf7(bytes)
  const decoder = unknowing.has(name) ? undefined : decoderOf(aliases[name] ?? name)
  return decoder ? decodeWith(decoder, bytes) : decodeUnlabelled(bytes)
}

/** Whether a label names a charset that is known here. */
export function isKnownCharset(label: string): boolean {
  const name = label.trim().toLowerCase()
  return (
    unknowing.has(name) ||
    /^(?:x-)?(?:unicode-1-1-)?utf-?7$/.test(name) ||
    decoderOf(aliases[name] ?? name) !== undefined
  )
}

export function decodeUnlabelled(bytes: Uint8Array): string {
  if (isAscii(bytes) && !bytes.includes(27)) return asciiText(bytes)
  const decoder = decoderOf(detectCharset(bytes))
  return decoder ? decodeWith(decoder, bytes) : ''
}

function decodeWith(decoder: Decoder, bytes: Uint8Array): string {
  return decoder.decode(decoder.encoding === 'iso-2022-jp' ? withoutIdleEscapes(bytes) : bytes)
}

type Decoder = InstanceType<typeof TextDecoder>

/** Labels come from strangers: only so many decoders are kept. */
const maxDecoders = 64
const decoders = new Map<string, Decoder>()

function decoderOf(name: string): Decoder | undefined {
  const known = decoders.get(name)
  if (known) return known
  try {
    const decoder = new TextDecoder(name, { ignoreBOM: false })
    // WHATWG maps some dangerous charsets to "replacement", which reads nothing
    if (decoder.encoding === 'replacement') return undefined
    if (decoders.size < maxDecoders) decoders.set(name, decoder)
    return decoder
  } catch {
    return undefined
  }
}
