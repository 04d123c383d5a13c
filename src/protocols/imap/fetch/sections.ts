/** Which octets a section of a message is. RFC 9051 §6.4.5.1 */
import { sectionRange, selectFields, type ByteRange } from '#formats/message/parts.ts'
import { parseStructure, type Part } from '#formats/message/structure.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { EmailRow } from '#mail/account.ts'
import { headerLimitBytes } from '../limits.ts'
import { wholeBytes } from '../message-bytes.ts'
import { withReader } from '../message-reader.ts'
import type { Section, SectionText } from '../syntax/request.ts'

export type SectionContent =
  | { readonly kind: 'range'; readonly range: ByteRange }
  /** Put together from selected header fields */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** There is no such part */
  | { readonly kind: 'missing' }

/** One message whose sections are asked for; its structure is worked out when first needed. */
export class SectionedMessage {
  readonly row: EmailRow
  readonly source: MessageSource
  #root: Part | undefined

  constructor(row: EmailRow, source: MessageSource) {
    this.row = row
    this.source = source
  }

  async content(section: Section): Promise<SectionContent> {
    const range = await this.#range(section)
    if (!range) return { kind: 'missing' }
    const { text } = section
    if (text.kind !== 'HEADER.FIELDS' && text.kind !== 'HEADER.FIELDS.NOT') return { kind: 'range', range }
    const end = range.offset + Math.min(range.length, headerLimitBytes)
    const header = await wholeBytes(this.source, range.offset, end)
    return { kind: 'bytes', bytes: selectFields(header, text.fields, text.kind === 'HEADER.FIELDS.NOT') }
  }

  async #range({ part, text }: Section): Promise<ByteRange | undefined> {
    const kind = rangeKind(text)
    // the sections that are asked for most need no look at the structure
    if (part.length === 0) {
      const { headerBytes, sizeBytes } = this.row
      if (kind === 'HEADER') return { offset: 0, length: headerBytes }
      return kind === 'TEXT'
        ? { offset: headerBytes, length: sizeBytes - headerBytes }
        : { offset: 0, length: sizeBytes }
    }
    this.#root ??= await withReader(this.source, reader => parseStructure(reader).root)
    return sectionRange(this.#root, kind === undefined ? { part } : { part, text: kind })
  }
}

function rangeKind(text: SectionText): 'HEADER' | 'TEXT' | 'MIME' | undefined {
  if (text.kind === 'ALL') return undefined
  return text.kind === 'TEXT' || text.kind === 'MIME' ? text.kind : 'HEADER'
}
