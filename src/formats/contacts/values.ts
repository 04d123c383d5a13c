/** Values of properties and parameters: their escapes, and how they are parted. RFC 6350 §3.4, RFC 6868 */
import { maxParts } from './limits.ts'

export type VcardVersion = '2.1' | '3.0' | '4.0'

/** At the separators that no backslash stands before. The pieces keep their escapes. */
export function splitEscaped(value: string, separator: ';' | ','): string[] {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === separator && parts.length < maxParts - 1) {
      parts.push(value.slice(from, at))
      from = at + 1
    }
  }
  parts.push(value.slice(from))
  return parts
}

/** vCard 2.1 knows `\;` alone; a `\n` there is a yen sign and an n. */
export function unescapeText(value: string, version: VcardVersion): string {
  if (!value.includes('\\')) return value
  return version === '2.1'
    ? value.replaceAll(/\\([;,:\\])/g, '$1')
    : value.replaceAll(/\\([nN;,:\\])/g, (_, sign: string) => (sign === 'n' || sign === 'N' ? '\n' : sign))
}

export function escapeText(text: string): string {
  return text.replaceAll(/[\\;,]/g, '\\$&').replaceAll(/\r\n?|\n/g, '\\n')
}

/** Addresses stand as they are (RFC 6350 §4.2); what only looks like one is text. */
export function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s\\]+$/i.test(text)
}

export function printUri(uri: string): string {
  return isUri(uri) ? uri : escapeText(uri)
}

/** RFC 6868 §3.1 */
export function decodeParameter(value: string): string {
  return value.replaceAll(/\^([n^'])/g, (_, sign: string) => ({ n: '\n', '^': '^' })[sign] ?? '"')
}

/** As it stands in a line, in quotes where it needs them. */
export function encodeParameter(value: string): string {
  const encoded = value
    .replaceAll('^', '^^')
    .replaceAll(/\r\n?|\n/g, '^n')
    .replaceAll('"', "^'")
    // oxlint-disable-next-line no-control-regex -- no control character may stand in a line (RFC 6350 §3.3, QSAFE-CHAR)
    .replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '')
  return /[:;,\s\\]/.test(encoded) || encoded === '' ? `"${encoded}"` : encoded
}

/** `=E5=B1=B1` to octets; what is no such thing stays. RFC 2045 §6.7 */
export function decodeQuotedPrintable(octets: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(octets.length)
  let length = 0
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] as number
    const [high, low] = octet === 61 ? [hex(octets[at + 1]), hex(octets[at + 2])] : [-1, -1]
    if (high >= 0 && low >= 0) at += 2
    decoded[length++] = high >= 0 && low >= 0 ? high * 16 + low : octet
  }
  return decoded.subarray(0, length)
}

function hex(octet: number | undefined): number {
  if (octet === undefined) return -1
  if (octet >= 48 && octet <= 57) return octet - 48
  const letter = octet & 0xdf
  return letter >= 65 && letter <= 70 ? letter - 55 : -1
}
