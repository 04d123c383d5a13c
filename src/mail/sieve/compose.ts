/** Letters of our own: vacation, notification. RFC 3834, RFC 5230 §5, RFC 5436 §2.7 */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { hasCleanLines } from '#formats/dsn/compose-dsn.ts'
import { printQuotedPrintable } from '#formats/dsn/quoted-printable.ts'
import { printDate } from '#formats/message/date.ts'
import { foldWords, printPhrase, unstructuredField, withoutControls } from '#formats/message/fold.ts'
import { splitHeader } from './letter.ts'

export type OwnLetter = {
  readonly from: { readonly name: string; readonly address: string }
  readonly to: readonly string[]
  readonly cc?: readonly string[]
  readonly subject: string
  /** Milliseconds since 1970 */
  readonly date: number
  readonly zoneMinutes: number
  /** Without angle brackets, as the others */
  readonly messageId: string
  readonly inReplyTo?: string
  readonly references?: readonly string[]
  /** Value of Auto-Submitted, RFC 3834 §5 */
  readonly autoSubmitted: string
  readonly more?: readonly (readonly [name: string, value: string])[]
  readonly body: { readonly kind: 'text' | 'mime'; readonly text: string }
}

export type Composed = { readonly message: Uint8Array; readonly sevenBit: boolean; readonly smtpUtf8: boolean }

export function composeLetter(letter: OwnLetter): Composed {
  const { from, to, cc = [], inReplyTo, references = [] } = letter
  const addresses = [from.address, ...to, ...cc]
  const ids = references.map(id => `<${withoutControls(id)}>`)
  const fields = [
    utf8(foldWords('From', [...(from.name === '' ? [] : printPhrase(from.name).split(' ')), `<${from.address}>`])),
    utf8(foldWords('To', to.length > 0 ? listed(to) : ['undisclosed-recipients:;'])),
    ...(cc.length > 0 ? [utf8(foldWords('Cc', listed(cc)))] : []),
    unstructuredField('Subject', letter.subject),
    utf8(foldWords('Date', printDate(letter.date, letter.zoneMinutes).split(' '))),
    utf8(foldWords('Message-ID', [`<${letter.messageId}>`])),
    ...(inReplyTo === undefined ? [] : [utf8(foldWords('In-Reply-To', [`<${withoutControls(inReplyTo)}>`]))]),
    ...(ids.length > 0 ? [utf8(foldWords('References', ids))] : []),
    utf8(foldWords('Auto-Submitted', letter.autoSubmitted.split(' '))),
    ...(letter.more ?? []).map(([name, value]) => unstructuredField(name, value)),
    utf8('MIME-Version: 1.0\r\n'),
  ]
  const message = concatBytes([...fields, ...entityOf(letter.body)])
  return {
    message,
    sevenBit: message.every(byte => byte < 0x80),
    smtpUtf8: addresses.some(address => /[^\0-\x7f]/.test(address)),
  }
}

function listed(addresses: readonly string[]): string[] {
  return addresses.map((address, index) => `<${address}>${index < addresses.length - 1 ? ',' : ''}`)
}

function entityOf(body: OwnLetter['body']): readonly Uint8Array[] {
  const text = withLineEnds(body.text)
  return (body.kind === 'mime' ? mimeEntity(text) : undefined) ?? [textEntity(text)]
}

/** Content-Type and the rest of the header with the empty line, then the body */
export function textEntity(text: string): Uint8Array {
  const plain = /^[\x09\x0a\x0d\x20-\x7e]*$/.test(text) && text.split('\r\n').every(line => line.length <= 78)
  const encoding = plain ? '7bit' : 'quoted-printable'
  const body = plain ? text : printQuotedPrintable(text)
  return utf8(
    `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}${body.endsWith('\r\n') ? '' : '\r\n'}`,
  )
}

/** Of what the owner wrote as a MIME entity only Content-* fields are taken; undefined when it has none or its lines cannot be sent. */
export function mimeEntity(text: string): readonly Uint8Array[] | undefined {
  const bytes = utf8(text)
  const end = text.startsWith('\r\n') ? 2 : utf8(text.slice(0, headerEnd(text))).length
  const fields = splitHeader(bytes.subarray(0, end)).fields.filter(({ key }) => key.startsWith('content-'))
  const isAscii = (octets: Uint8Array) => octets.every(byte => byte < 0x80)
  if (fields.length === 0 || !hasCleanLines(bytes) || !fields.every(field => isAscii(field.bytes))) return undefined
  const body = bytes.subarray(end)
  const hasEncoding = fields.some(({ key }) => key === 'content-transfer-encoding')
  const encoding = hasEncoding || isAscii(body) ? [] : [utf8('Content-Transfer-Encoding: 8bit\r\n')]
  return [...fields.map(field => field.bytes), ...encoding, utf8('\r\n'), body]
}

function headerEnd(text: string): number {
  const empty = text.indexOf('\r\n\r\n')
  return empty < 0 ? text.length : empty + 4
}

/** CRLF and nothing else ends lines; no NUL. */
export function withLineEnds(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\0', '')
    .replace(/\r\n|\r|\n/g, '\r\n')
}
