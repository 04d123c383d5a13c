/** Which octets a section of a message is. RFC 9051 §6.4.5.1 */
import { partAt, sectionRange, type ByteRange } from '#formats/message/parts.ts'
import { fieldSelector, type FieldSelector } from '#formats/message/select-fields.ts'
import { parseStructure, type Part } from '#formats/message/structure.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { headerLimitBytes } from '../limits.ts'
import { wholeBytes } from '#mail/message-bytes.ts'
import { withReader } from '#mail/message-reader.ts'
import type { Section, SectionText } from '../syntax/request.ts'

export type SectionContent =
  | { readonly kind: 'range'; readonly range: ByteRange }
  /** Put together from selected header fields */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** There is no such part */
  | { readonly kind: 'missing' }

/** The octets of a part's body and its Content-Transfer-Encoding, lower case */
export type EncodedPart = { readonly range: ByteRange; readonly encoding: string }

type SectionAsked = { readonly section: Section; readonly select: FieldSelector | undefined }

/** One message whose sections are asked for; its structure is worked out when first needed. */
export class SectionedMessage {
  readonly source: MessageSource
  readonly headerBytes: number
  #root: Part | undefined

  constructor(source: MessageSource, headerBytes: number) {
    this.source = source
    this.headerBytes = headerBytes
  }

  async content({ section, select }: SectionAsked): Promise<SectionContent> {
    const range = await this.#range(section)
    if (!range) return { kind: 'missing' }
    if (!select) return { kind: 'range', range }
    const end = range.offset + Math.min(range.length, headerLimitBytes)
    const header = await wholeBytes(this.source, range.offset, end)
    return { kind: 'bytes', bytes: select(header) }
  }

  async #range({ part, text }: Section): Promise<ByteRange | undefined> {
    const kind = rangeKind(text)
    // the sections that are asked for most need no look at the structure
    if (part.length === 0) {
      const headerBytes = this.headerBytes
      const { sizeBytes } = this.source
      if (kind === 'HEADER') return { offset: 0, length: headerBytes }
      return kind === 'TEXT'
        ? { offset: headerBytes, length: sizeBytes - headerBytes }
        : { offset: 0, length: sizeBytes }
    }
    return sectionRange(await this.#structure(), kind === undefined ? { part } : { part, text: kind })
  }

  /** The message itself, and what is made of parts, has no encoding of its own. RFC 2045 §6.4 */
  async encodedPart(path: readonly number[]): Promise<EncodedPart | undefined> {
    if (path.length === 0) return { range: { offset: 0, length: this.source.sizeBytes }, encoding: 'binary' }
    const part = partAt(await this.#structure(), path)
    if (!part) return undefined
    const range = { offset: part.bodyStart, length: part.bodyEnd - part.bodyStart }
    return { range, encoding: part.kind === 'leaf' ? part.encoding : 'binary' }
  }

  async #structure(): Promise<Part> {
    return (this.#root ??= await withReader(this.source, reader => parseStructure(reader).root))
  }
}

/** As FETCH asks for it. */
export function askedSection(section: Section): SectionAsked {
  const { text } = section
  if (text.kind !== 'HEADER.FIELDS' && text.kind !== 'HEADER.FIELDS.NOT') return { section, select: undefined }
  return { section, select: fieldSelector(text.fields, text.kind === 'HEADER.FIELDS.NOT') }
}

function rangeKind(text: SectionText): 'HEADER' | 'TEXT' | 'MIME' | undefined {
  if (text.kind === 'ALL') return undefined
  return text.kind === 'TEXT' || text.kind === 'MIME' ? text.kind : 'HEADER'
}
