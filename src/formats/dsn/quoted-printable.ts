import { utf8 } from '#base/bytes.ts'
import { foldColumns } from './limits.ts'

/** UTF-8 text with CRLF line ends as quoted-printable. RFC 2045 §6.7: lines of at most 76 characters, no blanks at their ends. */
export function printQuotedPrintable(text: string): string {
  return text
    .split('\r\n')
    .map(line => softBreaks(line))
    .join('\r\n')
}

function softBreaks(line: string): string {
  const bytes = utf8(line)
  let out = ''
  let column = 0
  for (const [index, byte] of bytes.entries()) {
    const blankAtEnd = (byte === 0x20 || byte === 0x09) && index === bytes.length - 1
    const plain = byte !== 0x3d && !blankAtEnd && ((byte >= 0x20 && byte <= 0x7e) || byte === 0x09)
    const piece = plain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
    if (column + piece.length > foldColumns - 1) {
      out += '=\r\n'
      column = 0
    }
    out += piece
    column += piece.length
  }
  return out
}
