/** The Content-* fields of one part. RFC 2045 §5, §6, §7; RFC 2183; RFC 3282; RFC 2557; RFC 1864 */
import { asciiText } from '#base/bytes.ts'
import { type HeaderField, fieldValue } from './header.ts'
import { Lexer, isBlankByte, isTokenByte } from './lexer.ts'
import { maxParameters } from './limits.ts'

/** One parameter as it stands in the header: quotes undone; RFC 2231 pieces not yet joined, encoded words not yet decoded. */
export type Parameter = {
  /** Lower case */
  readonly name: string
  readonly value: Uint8Array
}

export type ContentType = {
  /** Lower case */
  readonly type: string
  /** Lower case */
  readonly subtype: string
  readonly parameters: readonly Parameter[]
}

export type Disposition = {
  /** Lower case */
  readonly kind: string
  readonly parameters: readonly Parameter[]
}

const slash = 47
const semicolon = 59
const equals = 61
const quotationMark = 34
const parenthesis = 40

/** Undefined when it is no media type: the default holds then (RFC 2045 §5.2). */
export function parseContentType(bytes: Uint8Array): ContentType | undefined {
  const lexer = new Lexer(bytes)
  lexer.skipBlanks()
  const type = readToken(lexer)
  lexer.skipBlanks()
  if (type === '' || !lexer.take(slash)) return undefined
  lexer.skipBlanks()
  const subtype = readToken(lexer)
  if (subtype === '') return undefined
  return { type, subtype, parameters: readParameters(lexer) }
}

/** RFC 2183; an unquoted file name with blanks is taken up to the semicolon. */
export function parseDisposition(bytes: Uint8Array): Disposition | undefined {
  const lexer = new Lexer(bytes)
  lexer.skipBlanks()
  const kind = readToken(lexer)
  if (kind === '') return undefined
  return { kind, parameters: readParameters(lexer) }
}

/** `7bit`, `8bit`, `binary`, `quoted-printable`, `base64` or what else stands there, lower case. RFC 2045 §6.1 */
export function transferEncoding(bytes: Uint8Array, fields: readonly HeaderField[]): string {
  const value = fieldValue(bytes, fields, 'content-transfer-encoding')
  if (!value) return '7bit'
  const lexer = new Lexer(value)
  lexer.skipBlanks()
  return readToken(lexer) || '7bit'
}

/** Language tags, as written. RFC 3282 */
export function parseLanguages(bytes: Uint8Array): string[] {
  const lexer = new Lexer(bytes)
  const tags: string[] = []
  while (lexer.at < lexer.end && tags.length < maxParameters) {
    lexer.skipBlanks()
    const tag = asciiText(lexer.run(byte => isTokenByte(byte)))
    if (tag !== '') tags.push(tag)
    else lexer.at++
  }
  return tags
}

/** Value of the first parameter of that name, undecoded. */
export function parameter(parameters: readonly Parameter[], name: string): Uint8Array | undefined {
  return parameters.find(entry => entry.name === name)?.value
}

function readParameters(lexer: Lexer): Parameter[] {
  const parameters: Parameter[] = []
  while (lexer.at < lexer.end && parameters.length < maxParameters) {
    lexer.skipBlanks()
    if (lexer.take(semicolon)) continue
    const name = readToken(lexer)
    lexer.skipBlanks()
    if (name !== '' && lexer.take(equals)) parameters.push({ name, value: readValue(lexer) })
    else if (name === '') lexer.at++
  }
  return parameters
}

function readValue(lexer: Lexer): Uint8Array {
  lexer.skipBlanks()
  if (lexer.peek() === quotationMark) {
    const quoted = lexer.quotedString()
    if (quoted) return quoted
    // never closed: the text counts, the mark does not
    lexer.at++
  }
  return unquotedValue(lexer)
}

/** Up to the semicolon; without the blanks, the comment or (somebody forgot the semicolon) the next parameter that follow it. */
function unquotedValue(lexer: Lexer): Uint8Array {
  const { bytes, end, at: from } = lexer
  let to = -1
  let at = from
  for (; at < end && bytes[at] !== semicolon; at++) {
    if (!isBlankByte(bytes[at] ?? 0)) continue
    if (startsParameter(bytes, at + 1, end)) break
    if (to < 0 && bytes[at + 1] === parenthesis) to = at
  }
  lexer.at = at
  if (to < 0) to = at
  while (to > from && isBlankByte(bytes[to - 1] ?? 0)) to--
  const value = bytes.subarray(from, to)
  return value.includes(10) || value.includes(13) ? value.filter(byte => byte !== 10 && byte !== 13) : value
}

/** `name=` stands here: somebody forgot the semicolon. Names are short, so this looks at few bytes. */
function startsParameter(bytes: Uint8Array, from: number, to: number): boolean {
  const limit = Math.min(to, from + 24)
  for (let at = from; at < limit; at++) {
    const byte = bytes[at] ?? 0
    if (byte === equals) return at > from
    if (!isTokenByte(byte)) return false
  }
  return false
}

function readToken(lexer: Lexer): string {
  return asciiText(lexer.run(isTokenByte)).toLowerCase()
}
