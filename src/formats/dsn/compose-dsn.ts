/** A whole delivery status notification: multipart/report of text, status and what came back. RFC 6522, RFC 3464, RFC 6533. */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { type Language, say, type Text } from '#base/text.ts'
import { printDate } from '../message/date.ts'
import { type DeliveryStatus, needsGlobalStatus } from './delivery-status.ts'
import { type DsnKind, dsnText, subjects } from './dsn-text.ts'
import { maxLineOctets } from './limits.ts'
import { fold, printDeliveryStatus } from './print-status.ts'
import { printQuotedPrintable } from './quoted-printable.ts'

export type DsnInput = {
  readonly kind: DsnKind
  readonly status: DeliveryStatus
  /** By position in `status.recipients`: its time was over */
  readonly expired: readonly boolean[]
  /** By position in `status.recipients`: what the answer means, in a sentence */
  readonly reasons?: readonly (Text | undefined)[]
  /** Without angle brackets: who reports, and the original reverse-path */
  readonly from: string
  readonly to: string
  /** Milliseconds since 1970 */
  readonly date: number
  /** Without angle brackets, the same for the same report */
  readonly messageId: string
  readonly languages: readonly Language[]
  /** Of the original: its header with the final empty line, or all of it */
  readonly returned: { readonly kind: 'header' | 'message'; readonly bytes: Uint8Array }
  /** Of the original, without angle brackets */
  readonly inReplyTo?: string
  /** The original came by SMTPUTF8, so its sender can take such a message */
  readonly smtpUtf8: boolean
}

export type Dsn = {
  readonly bytes: Uint8Array
  readonly body: '7BIT' | '8BITMIME'
  readonly smtpUtf8: boolean
}

export function composeDsn(input: DsnInput): Dsn {
  const global = input.smtpUtf8 && (needsGlobalStatus(input.status) || nonAscii.test(input.to))
  const boundary = boundaryFor(input.messageId, input.returned.bytes)
  const statusPart = utf8(printDeliveryStatus(input.status, global))
  const parts = [
    utf8(`${header(input, boundary, global)}\r\n`),
    utf8(`--${boundary}\r\n${textPart(input)}`),
    utf8(`\r\n--${boundary}\r\n${statusHeader(global)}\r\n`),
    statusPart,
    utf8(`\r\n--${boundary}\r\n`),
    ...returnedPart(input.returned, global),
    utf8(`\r\n--${boundary}--\r\n`),
  ]
  const bytes = concatBytes(parts)
  return { bytes, body: isSevenBit(bytes) ? '7BIT' : '8BITMIME', smtpUtf8: global }
}

function header(input: DsnInput, boundary: string, global: boolean): string {
  const { from, to, date, messageId, inReplyTo } = input
  const fields = [
    `From: Mail Delivery System <${from}>`,
    `To: <${global ? to : to.replace(/[^\0-\x7f]/gu, '?')}>`,
    `Subject: ${subject(input)}`,
    `Date: ${printDate(date)}`,
    `Message-ID: <${messageId}>`,
    ...(inReplyTo === undefined ? [] : [`In-Reply-To: <${inReplyTo}>`, `References: <${inReplyTo}>`]),
    // RFC 3834 §5.1: nobody answers this by machine.
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${global ? 'global-delivery-status' : 'delivery-status'};\r\n boundary="${boundary}"`,
  ]
  return fields.map(field => `${field.includes('\r\n') ? field : fold(field)}\r\n`).join('')
}

/** `English / 日本語`, the Japanese as encoded-words of at most 75 characters. RFC 2047 §2 */
function subject({ kind, languages }: DsnInput): string {
  return languages.map(language => encodedWords(say(subjects[kind], language))).join(' / ')
}

/** ASCII as it is, other text as encoded-words. RFC 2047 §2 */
export function encodedWords(text: string): string {
  if (!nonAscii.test(text)) return text
  const words: string[] = []
  const charactersPerWord = 13
  const characters = Array.from(text)
  for (let at = 0; at < characters.length; at += charactersPerWord) {
    const piece = characters.slice(at, at + charactersPerWord).join('')
    words.push(`=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`)
  }
  return words.join(' ')
}

function textPart({ kind, status, expired, reasons = [], languages }: DsnInput): string {
  const text = dsnText(kind, status, { expired, reasons }, languages)
  const body = printQuotedPrintable(text)
  return `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${body}`
}

function statusHeader(global: boolean): string {
  return global
    ? 'Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n'
    : 'Content-Type: message/delivery-status\r\n'
}

/** A message may only be passed on as it is; a header may also be encoded. */
function returnedPart(returned: DsnInput['returned'], global: boolean): readonly Uint8Array[] {
  const { kind, bytes } = returned
  const encoding = isSevenBit(bytes) ? '' : 'Content-Transfer-Encoding: 8bit\r\n'
  if (kind === 'message')
    return [utf8(`Content-Type: ${global ? 'message/global' : 'message/rfc822'}\r\n${encoding}\r\n`), bytes]
  const type = global ? 'message/global-headers' : 'text/rfc822-headers'
  if (hasCleanLines(bytes)) return [utf8(`Content-Type: ${type}\r\n${encoding}\r\n`), bytes]
  const base64 = Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n')
  return [utf8(`Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`)]
}

/** Fit for 7bit or 8bit (RFC 2045 §2.7, §2.8): lines up to 998 octets, CR and LF only together, no NUL. */
export function hasCleanLines(bytes: Uint8Array): boolean {
  let line = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x0d && bytes[at + 1] === 0x0a) {
      line = 0
      at++
    } else if (byte === 0x0d || byte === 0x0a || byte === 0 || ++line > maxLineOctets) return false
  }
  return true
}

function isSevenBit(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte < 0x80)
}

/** Made of the id, so that the same report has the same bytes; lengthened until the original does not contain it. */
function boundaryFor(messageId: string, bytes: Uint8Array): string {
  let boundary = `=_report_${messageId.replace(/[^a-zA-Z0-9]/g, '_').slice(0, 40)}`
  while (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(boundary)) boundary += '_'
  return boundary
}

const nonAscii = /[^\0-\x7f]/
