/** A letter's parts as JMAP tells of them, and which of them are its text and which its attachments. RFC 8621 §4.1.4 */
import { asciiText } from '#base/bytes.ts'
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
  const lists: Lists<LetterPart> = { text: [], html: [], attachments: [] }
  sortParts([root], 'mixed', false, lists)
  return { root, text: lists.text ?? [], html: lists.html ?? [], attachments: lists.attachments }
}

/** What has to be known of a part to say whether it is text or attached */
export type SortablePart<Own> = Pick<LetterPart, 'type' | 'name' | 'disposition' | 'cid'> & {
  readonly part: { readonly subtype: string }
  readonly subParts: readonly Own[] | undefined
}

export function attachmentsOf<Own extends SortablePart<Own>>(root: Own): readonly Own[] {
  const lists: Lists<Own> = { text: [], html: [], attachments: [] }
  sortParts([root], 'mixed', false, lists)
  return lists.attachments
}

/** All that have no parts of their own, in order. What lies in an attached message is that message's. */
export function leavesOf(part: LetterPart): readonly LetterPart[] {
  return part.subParts ? part.subParts.flatMap(leavesOf) : [part]
}

/** One that a person would want to save: not all that is an attachment is (§4.1.4 hasAttachment). */
export function hasAttachment({
  attachments,
}: {
  readonly attachments: readonly Pick<LetterPart, 'type' | 'disposition' | 'cid'>[]
}): boolean {
  return attachments.some(
    ({ disposition, cid, type }) => disposition !== 'inline' && !(cid !== undefined && type.startsWith('image/')),
  )
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

type Lists<Own> = {
  /** Undefined below an alternative that has shown itself to be of the other kind */
  readonly text: Own[] | undefined
  readonly html: Own[] | undefined
  readonly attachments: Own[]
}

/** The algorithm of §4.1.4, with its names. */
function sortParts<Own extends SortablePart<Own>>(
  parts: readonly Own[],
  multipartType: string,
  inAlternative: boolean,
  lists: Lists<Own>,
): void {
  let { text, html } = lists
  const { attachments } = lists
  const [textLength, htmlLength] = [text?.length ?? -1, html?.length ?? -1]
  for (const [index, one] of parts.entries()) {
    if (one.subParts) {
      const subtype = one.part.subtype
      sortParts(one.subParts, subtype, inAlternative || subtype === 'alternative', { text, html, attachments })
      continue
    }
    if (!isInline(one, index, multipartType)) {
      attachments.push(one)
      continue
    }
    if (multipartType === 'alternative') {
      if (one.type === 'text/plain') text?.push(one)
      else if (one.type === 'text/html') html?.push(one)
      else attachments.push(one)
      continue
    }
    if (inAlternative && one.type === 'text/plain') html = undefined
    if (inAlternative && one.type === 'text/html') text = undefined
    text?.push(one)
    html?.push(one)
    if ((!text || !html) && isMedia(one.type)) attachments.push(one)
  }
  if (multipartType !== 'alternative' || !text || !html) return
  // only one of the two kinds was found: it stands for the other too
  if (textLength === text.length && htmlLength !== html.length) text.push(...html.slice(htmlLength))
  else if (htmlLength === html.length && textLength !== text.length) html.push(...text.slice(textLength))
}

function isInline(
  { type, disposition, name }: Pick<LetterPart, 'type' | 'disposition' | 'name'>,
  index: number,
  multipartType: string,
): boolean {
  if (disposition === 'attachment') return false
  if (type !== 'text/plain' && type !== 'text/html' && !isMedia(type)) return false
  // of a related only the first; a text with a file name is an attachment unless it stands first
  return index === 0 || (multipartType !== 'related' && (isMedia(type) || name === undefined))
}

function isMedia(type: string): boolean {
  return /^(?:image|audio|video)\//.test(type)
}
