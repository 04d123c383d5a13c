/** The text of a part. RFC 8621 §4.1.4 */
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { isKnownCharset } from '#formats/charset/decode.ts'
import { maxTextBytes } from '#formats/message/limits.ts'
import { partDecoded } from '#formats/message/text-of.ts'
import { transferDecoder } from '#formats/message/transfer-stream.ts'
import type { EmailBodyValue } from '../wire.ts'
import type { LetterPart } from './letter-parts.ts'

/** `maxBytes`: octets of UTF-8, 0 without a limit but ours; `room`: octets that the whole answer may still have; `view`: see BodyWishes */
type How = {
  readonly maxBytes: number
  readonly room: number
  readonly view: { readonly charset: string | undefined } | undefined
}

export function bodyValue(reader: ByteReader, of: LetterPart, { maxBytes, room, view }: How): EmailBodyValue {
  const { part } = of
  const { text, charset } = partDecoded(reader, part, { as: view?.charset })
  const decoded = text.replaceAll('\r\n', '\n').replaceAll('\0', '')
  const limit = Math.min(maxBytes === 0 ? Infinity : maxBytes, room)
  const value = cut(decoded, limit, of.type === 'text/html')
  return {
    value,
    isEncodingProblem:
      decoded.includes('\ufffd') ||
      transferDecoder(part.encoding) === undefined ||
      (view?.charset === undefined && of.charset !== undefined && !isKnownCharset(of.charset)),
    isTruncated: value.length < decoded.length || part.bodyEnd - part.bodyStart > maxTextBytes,
    ...(view && { charset }),
  }
}

/** Not within a character, and not within a tag. */
function cut(text: string, maxBytes: number, isHtml: boolean): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text
  const bytes = Buffer.from(text)
  let end = maxBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  const shorter = bytes.toString('utf8', 0, end)
  const tag = isHtml ? shorter.lastIndexOf('<') : -1
  return tag >= 0 && !shorter.includes('>', tag) ? shorter.slice(0, tag) : shorter
}

const windowBytes = 256 * 1024

/** Octets of the content once its transfer encoding is undone, without holding it. */
export function decodedSize(
  reader: ByteReader,
  { part }: { readonly part: Pick<LetterPart['part'], 'encoding' | 'bodyStart' | 'bodyEnd'> },
): number {
  const decoder = /^(?:base64|quoted-printable)$/.test(part.encoding) ? transferDecoder(part.encoding) : undefined
  if (!decoder) return part.bodyEnd - part.bodyStart
  let size = 0
  for (let at = part.bodyStart; at < part.bodyEnd; at += windowBytes)
    size += decoder.push(reader.read(at, Math.min(windowBytes, part.bodyEnd - at))).length
  return size + decoder.end().length
}
