/** Bytes of a letter to text, whatever the label says. Never throws; what cannot be read becomes U+FFFD. */
import { isAscii } from 'node:buffer'
import { asciiText } from '#base/bytes.ts'
import { detectCharset } from './detect.ts'
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
  return decoder ? decoder.decode(bytes) : decodeUnlabelled(bytes)
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
  return decoderOf(detectCharset(bytes))?.decode(bytes) ?? ''
}

/** Labels come from strangers: only so many decoders are kept. */
const maxDecoders = 64
const decoders = new Map<string, InstanceType<typeof TextDecoder>>()

function decoderOf(name: string): InstanceType<typeof TextDecoder> | undefined {
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
