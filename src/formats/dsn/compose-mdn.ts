/** A message disposition notification that says "deleted, and here is why". RFC 5429 §2.2, RFC 8098 */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { printDate } from '../message/date.ts'
import { foldWords, unstructuredField, withoutControls } from '../message/fold.ts'
import { hasCleanLines } from './compose-dsn.ts'
import { printQuotedPrintable } from './quoted-printable.ts'

export type MdnInput = {
  /** Without angle brackets: the recipient who refuses, and the reverse-path */
  readonly from: string
  readonly to: string
  readonly reportingUa: string
  readonly subject: string
  /** For people, with CRLF line ends */
  readonly text: string
  /** Milliseconds since 1970 */
  readonly date: number
  /** Without angle brackets */
  readonly messageId: string
  /** Of the original */
  readonly inReplyTo?: string
  readonly originalRecipient?: string
  /** Of the original, with its final empty line */
  readonly header: Uint8Array
}

export type Mdn = { readonly bytes: Uint8Array; readonly sevenBit: boolean; readonly smtpUtf8: boolean }

export function composeMdn(input: MdnInput): Mdn {
  const boundary = `=_disposition_${input.messageId.replace(/[^a-zA-Z0-9]/g, '_').slice(0, 40)}`
  const bytes = concatBytes([
    ...fieldsOf(input, boundary),
    utf8(
      `\r\n--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`,
    ),
    utf8(printQuotedPrintable(input.text)),
    utf8(`\r\n--${boundary}\r\nContent-Type: message/disposition-notification\r\n\r\n${disposition(input)}`),
    ...headerPart(input.header, boundary),
    utf8(`\r\n--${boundary}--\r\n`),
  ])
  const smtpUtf8 = /[^\0-\x7f]/.test(input.from + input.to)
  return { bytes, sevenBit: bytes.every(byte => byte < 0x80), smtpUtf8 }
}

function fieldsOf(input: MdnInput, boundary: string): readonly Uint8Array[] {
  const { from, to, date, messageId, inReplyTo } = input
  return [
    utf8(foldWords('From', [`<${from}>`])),
    utf8(foldWords('To', [`<${to}>`])),
    unstructuredField('Subject', input.subject),
    utf8(foldWords('Date', printDate(date).split(' '))),
    utf8(foldWords('Message-ID', [`<${messageId}>`])),
    ...(inReplyTo === undefined ? [] : [utf8(foldWords('In-Reply-To', [`<${withoutControls(inReplyTo)}>`]))]),
    utf8('Auto-Submitted: auto-replied (rejected)\r\nMIME-Version: 1.0\r\n'),
    utf8(`Content-Type: multipart/report; report-type=disposition-notification;\r\n\tboundary="${boundary}"\r\n`),
  ]
}

/** RFC 8098 §3.2; the mode is "automatic-action/MDN-sent-automatically" (RFC 5429 §2.2.1) */
function disposition({ from, inReplyTo, originalRecipient, reportingUa }: MdnInput): string {
  const type = /[^\0-\x7f]/.test(from) ? 'utf-8' : 'rfc822'
  return [
    `Reporting-UA: ${withoutControls(reportingUa)}`,
    ...(originalRecipient === undefined ? [] : [`Original-Recipient: ${withoutControls(originalRecipient)}`]),
    `Final-Recipient: ${type}; ${from}`,
    ...(inReplyTo === undefined ? [] : [`Original-Message-ID: <${withoutControls(inReplyTo)}>`]),
    'Disposition: automatic-action/MDN-sent-automatically; deleted',
    '',
  ].join('\r\n')
}

function headerPart(header: Uint8Array, boundary: string): readonly Uint8Array[] {
  const start = `\r\n--${boundary}\r\nContent-Type: text/rfc822-headers\r\n`
  if (hasCleanLines(header) && header.every(byte => byte < 0x80)) return [utf8(`${start}\r\n`), header]
  const base64 = Buffer.from(header).toString('base64').replace(/.{76}/g, '$&\r\n')
  return [utf8(`${start}Content-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`)]
}
