/** A letter's parts as JMAP tells of them, and which of them are its text and which its attachments. RFC 8621 §4.1.4 */
import { asciiText } from '#base/bytes.ts'
import { bodyLists } from '#formats/message/body-lists.ts'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { type Parameter, parseContentType, parseDisposition, parseLanguages } from '#formats/message/content.ts'
import { fieldValue, parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { decodeParameters, fileName } from '#formats/message/parameters.ts'
import { type Part, parseStructure } from '#formats/message/structure.ts'
import type { Header } from './header-value.ts'

export type LetterPart = {
  readonly part: Part
  readonly header: Header
  /** `1.2`, as IMAP counts them; undefined for a multipart */
  readonly partId: string | undefined
  readonly type: string
  readonly charset: string | undefined
  readonly name: string | undefined
  readonly disposition: string | undefined
  readonly cid: string | undefined
  readonly language: readonly string[] | undefined
  readonly location: string | undefined
  /** Of a multipart */
  readonly subParts: readonly LetterPart[] | undefined
}

export type LetterBodies = {
  readonly root: LetterPart
  readonly text: readonly LetterPart[]
  readonly html: readonly LetterPart[]
  readonly attachments: readonly LetterPart[]
}

export function letterBodies(reader: ByteReader): LetterBodies {
  const { root: part } = parseStructure(reader)
  const root = describe(reader, part, [])
  return { root, ...bodyLists(root) }
}

/** All that have no parts of their own, in order. What lies in an attached message is that message's. */
export function leavesOf(part: LetterPart): readonly LetterPart[] {
  return part.subParts ? part.subParts.flatMap(leavesOf) : [part]
}

function describe(reader: ByteReader, part: Part, path: readonly number[]): LetterPart {
  const bytes = reader.read(part.headerStart, Math.min(part.bodyStart - part.headerStart, maxHeaderBytes)).slice()
  const fields = parseHeader(bytes)
  const value = (key: string) => fieldValue(bytes, fields, key)
  const contentType = value('content-type')
  const parameters = (contentType && parseContentType(contentType)?.parameters) ?? []
  const dispositionField = value('content-disposition')
  const disposition = dispositionField && parseDisposition(dispositionField)
  const languageField = value('content-language')
  const languages = languageField ? parseLanguages(languageField) : []
  const isMultipart = part.kind === 'multipart'
  const own = path.length === 0 ? [1] : path
  return {
    part,
    header: { bytes, fields },
    partId: isMultipart ? undefined : own.join('.'),
    type: `${part.type}/${part.subtype}`,
    charset: part.type === 'text' ? (charsetOf(parameters) ?? 'us-ascii') : undefined,
    name: fileName(disposition?.parameters, parameters)?.replaceAll('\0', ''),
    disposition: disposition?.kind,
    cid: withoutBrackets(value('content-id')),
    language: languages.length > 0 ? languages : undefined,
    location: value('content-location') && asciiText(value('content-location') ?? bytes).trim(),
    subParts: isMultipart
      ? part.children.map((child, index) => describe(reader, child, [...path, index + 1]))
      : undefined,
  }
}

function charsetOf(parameters: readonly Parameter[]): string | undefined {
  return decodeParameters(parameters).get('charset')?.trim() || undefined
}

function withoutBrackets(value: Uint8Array | undefined): string | undefined {
  const id =
    value &&
    asciiText(value)
      .trim()
      .replace(/^<(.*)>$/, '$1')
  return id === '' ? undefined : id
}
