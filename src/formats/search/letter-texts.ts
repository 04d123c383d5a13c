/**
 * What of a letter is searched: its header, decoded; all parts that are text, as they are read; names of attached files, documents; the headers of
 * messages inside it. The same code
 * feeds the index and verifies what the index proposes, so both mean the same text. A letter that cannot be parsed is one text,
 * its octets.
 */
import { isAscii } from 'node:buffer'
import { asciiText } from '#base/bytes.ts'
import { decodeUnlabelled } from '#formats/charset/decode.ts'
import { documentParts } from '#formats/documents/document-parts.ts'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { type HeaderField, parseHeader, unfold } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { type Part, parseStructure, type Structure } from '#formats/message/structure.ts'
import { knowHeader, leaves, partName, readableText } from '#formats/message/text-of.ts'
import { fold } from './fold.ts'
import { maxLetterUnits, maxSearchedParts } from './limits.ts'

export type Letter = {
  readonly reader: ByteReader
  /** Octets of the header with its empty line */
  readonly headerBytes: number
  /** False: the parser gave up when the letter came */
  readonly parsed: boolean
  /** Folded texts of documents attached to it, as far as they have been read */
  readonly documents?: () => readonly string[]
}

export type SearchedField = {
  /** Lower case */
  readonly key: string
  /** Folded */
  readonly text: string
}

/** Of the header, all fields or those of these names. */
export function searchedFields({ reader, headerBytes }: Letter, keys?: ReadonlySet<string>): readonly SearchedField[] {
  return fieldsOf(reader.read(0, Math.min(headerBytes, maxHeaderBytes)), keys)
}

/** All fields of the header, which is parsed once where it is known with the body. */
export function searchedFieldsOf(letter: Letter, { structure }: SearchedBody): readonly SearchedField[] {
  if (structure?.header.length !== Math.min(letter.headerBytes, maxHeaderBytes)) return searchedFields(letter)
  return textsOf(structure.header, structure.fields)
}

/** All fields as one text, each line after its line end, so that a field is found by `\n`, its name and a colon. */
export function headerText(fields: readonly SearchedField[]): string {
  return fields.map(field => `${fieldStart(field.key)}${field.text}`).join('')
}

export function fieldStart(key: string): string {
  return `\n${key}: `
}

export type SearchedBody = {
  /** Undefined: it cannot be parsed */
  readonly structure: Structure | undefined
  /** Names of attached files, folded, each on a line of its own; '' without any */
  names(): string
  /** Documents are attached whose text others read (store/search/documents.ts) */
  hasDocuments(): boolean
  /** Folded texts, one after the other, as far as the bound goes: names behind what the letter says itself, then documents */
  texts(): Generator<string>
}

export function searchedBody(letter: Letter): SearchedBody {
  const structure = letter.parsed ? structureOf(letter.reader) : undefined
  const root = structure?.root
  let known: string | undefined
  const names = () => (known ??= root ? namesIn(letter.reader, root) : '')
  return {
    structure,
    names,
    hasDocuments: () => root !== undefined && documentParts(letter.reader, root).length > 0,
    *texts() {
      yield* bounded(allTexts(letter, root, names))
      yield* letter.documents?.() ?? []
    },
  }
}

function* bounded(texts: Iterable<string>): Generator<string> {
  let units = 0
  for (const text of texts) {
    yield units + text.length <= maxLetterUnits ? text : text.slice(0, maxLetterUnits - units)
    units += text.length
    if (units >= maxLetterUnits) return
  }
}

function* allTexts(letter: Letter, root: Part | undefined, names: () => string): Generator<string> {
  if (!root) return yield fold(decodeUnlabelled(letter.reader.read(0, maxLetterUnits)))
  for (const part of innerHeaders(root).slice(0, maxSearchedParts)) {
    const length = Math.min(part.bodyStart - part.headerStart, maxHeaderBytes)
    // the bytes of a reader hold only until the next read
    yield headerText(fieldsOf(letter.reader.read(part.headerStart, length).slice()))
  }
  for (const part of leaves(root).slice(0, maxSearchedParts))
    if (part.type === 'text') yield textOf(letter.reader, part)
  if (names() !== '') yield names()
}

function namesIn(reader: ByteReader, root: Part): string {
  const named = leaves(root)
    .slice(0, maxSearchedParts)
    .flatMap(part => partName(reader, part) ?? [])
  return named
    .filter(name => name !== '')
    .map(name => `\n${fold(name)}`)
    .join('')
}

function structureOf(reader: ByteReader): Structure | undefined {
  try {
    const structure = parseStructure(reader)
    knowHeader(structure)
    return structure
  } catch (error) {
    // a disk that cannot be read is no property of the letter
    if (isSystemError(error)) throw error
    return undefined
  }
}

function textOf(reader: ByteReader, part: Part): string {
  try {
    const text = readableText(reader, part)
    // as it is shown: blanks of HTML are one
    return fold(part.subtype === 'html' ? text.replaceAll(/\s+/g, ' ') : text)
  } catch (error) {
    if (isSystemError(error)) throw error
    const length = Math.min(part.bodyEnd - part.bodyStart, maxLetterUnits)
    return fold(decodeUnlabelled(reader.read(part.bodyStart, length)))
  }
}

function isSystemError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error
}

function fieldsOf(bytes: Uint8Array, keys?: ReadonlySet<string>): readonly SearchedField[] {
  const fields = parseHeader(bytes)
  return textsOf(bytes, keys ? fields.filter(field => keys.has(field.key)) : fields)
}

function textsOf(bytes: Uint8Array, wanted: readonly HeaderField[]): readonly SearchedField[] {
  const plain = wanted.length > 1 ? plainHeader(bytes) : undefined
  return wanted.map(field => ({
    key: field.key,
    text: (plain && plainText(plain, field)) ?? decodedText(bytes, field),
  }))
}

function decodedText(bytes: Uint8Array, field: HeaderField): string {
  return fold(decodeWords(unfold(bytes, field)))
}

/** A header in which nothing can be decoded but encoded words, folded as a whole; undefined where there is more. */
function plainHeader(bytes: Uint8Array): string | undefined {
  return isAscii(bytes) && !bytes.includes(escape) ? fold(asciiText(bytes)) : undefined
}

/** The same as `decodedText`, out of that; undefined where there may be an encoded word. */
function plainText(header: string, { valueStart, valueEnd }: HeaderField): string | undefined {
  let from = valueStart
  let to = valueEnd
  while (from < to && isBlank(header.charCodeAt(from))) from++
  while (to > from && isBlank(header.charCodeAt(to - 1))) to--
  const text = header.slice(from, to)
  if (text.includes('=?')) return undefined
  return text.includes('\n') || text.includes('\r') ? text.replaceAll(/[\r\n]+/g, '') : text
}

const escape = 27

/** As unfold has it */
function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 10 || unit === 13
}

/** Headers of messages inside the message: they are part of its body. */
function innerHeaders(part: Part): Part[] {
  const inner = part.children.flatMap(innerHeaders)
  return part.kind === 'message' ? [...part.children, ...inner] : inner
}
