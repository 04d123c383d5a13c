/** Text of a part as octets that every server passes on. RFC 2045 §6 */
import { utf8 } from '#base/bytes.ts'
import { printQuotedPrintable } from '#formats/dsn/quoted-printable.ts'

export type EncodedText = {
  readonly encoding: '7bit' | 'quoted-printable' | 'base64'
  readonly charset: 'us-ascii' | 'utf-8'
  readonly body: string
}

/** RFC 5322 §2.1.1 */
const maxLineCharacters = 998
/** Larger ones are quicker in base64, and nobody reads their source. */
const maxQuotedCharacters = 256 * 1024

/** Line ends become CRLF. `endLine`: the text is the letter's end, which is a line's end */
export function encodeText(text: string, endLine: boolean): EncodedText {
  const lines = text.split(/\r\n|\r|\n/)
  if (endLine && lines.at(-1) !== '') lines.push('')
  const body = lines.join('\r\n')
  const isAscii = /^[\t\r\n\x20-\x7e]*$/.test(body)
  const charset = isAscii ? 'us-ascii' : 'utf-8'
  if (isAscii && lines.every(line => line.length <= maxLineCharacters)) return { encoding: '7bit', charset, body }
  const octets = utf8(body)
  const others = octets.reduce((count, octet) => count + (octet > 126 || octet < 9 ? 1 : 0), 0)
  if (others * 6 < octets.length && body.length <= maxQuotedCharacters)
    return { encoding: 'quoted-printable', charset, body: printQuotedPrintable(body) }
  return { encoding: 'base64', charset, body: base64Lines(octets) }
}

/** RFC 2045 §6.8: lines of 76 characters, the last one ended too */
export function base64Lines(octets: Uint8Array): string {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64')
  return text.replace(/.{1,76}/g, '$&\r\n')
}

/** What 57 octets become, and what is left of them */
export const lineOctets = 57
const lineBytes = 78

export function base64Size(octets: number): number {
  const rest = octets % lineOctets
  return Math.floor(octets / lineOctets) * lineBytes + (rest === 0 ? 0 : 4 * Math.ceil(rest / 3) + 2)
}
