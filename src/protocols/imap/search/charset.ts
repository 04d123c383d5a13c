/** CHARSET of SEARCH strings. RFC 9051 §6.4.4 */
import { decodeText, isKnownCharset } from '#formats/charset/decode.ts'

export type Decoder = (bytes: Uint8Array) => string

/** Undefined for a charset that is not known. US-ASCII with eight-bit octets is what clients send that mean UTF-8. */
export function decoderFor(charset: string): Decoder | undefined {
  if (/^(us-ascii|utf-?8)$/i.test(charset)) {
    const decoder = new TextDecoder()
    return bytes => decoder.decode(bytes)
  }
  return charset !== '' && isKnownCharset(charset) ? bytes => decodeText(bytes, charset) : undefined
}
