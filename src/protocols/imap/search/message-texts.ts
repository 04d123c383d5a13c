/** What SEARCH reads of one message: decoded and folded, each read once. */
import type { MessageSource } from '#formats/message-source.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { parseHeader, unfold } from '#formats/message/header.ts'
import { parseStructure, type Part } from '#formats/message/structure.ts'
import { leaves, partText } from '#formats/message/text-of.ts'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import type { EmailRow } from '#mail/account.ts'
import { headerLimitBytes } from '../limits.ts'
import { wholeBytes } from '../message-bytes.ts'
import { withReader } from '../message-reader.ts'
import { fold } from './fold.ts'

/** Parts whose text is read; the rest of a message made of more is not searched. */
const textPartLimit = 200

export type HeaderText = {
  /** All fields, one a line */
  readonly whole: string
  /** Folded text in a field of that name (lower case); '' asks only whether there is one */
  contains(field: string, text: string): boolean
}

export class MessageTexts {
  readonly #row: EmailRow
  readonly #source: MessageSource
  #header: HeaderText | undefined
  #body: readonly string[] | undefined

  constructor(row: EmailRow, source: MessageSource) {
    this.#row = row
    this.#source = source
  }

  async header(): Promise<HeaderText> {
    const end = Math.min(this.#row.headerBytes, headerLimitBytes)
    this.#header ??= headerText(await wholeBytes(this.#source, 0, end))
    return this.#header
  }

  async body(): Promise<readonly string[]> {
    this.#body ??= await withReader(this.#source, bodyTexts)
    return this.#body
  }
}

function headerText(bytes: Uint8Array): HeaderText {
  const fields = parseHeader(bytes).map(field => ({ key: field.key, text: fold(decodeWords(unfold(bytes, field))) }))
  return {
    whole: fields.map(field => `${field.key}: ${field.text}`).join('\n'),
    contains: (key, text) => fields.some(field => field.key === key && field.text.includes(text)),
  }
}

function bodyTexts(reader: ByteReader): readonly string[] {
  const { root } = parseStructure(reader)
  const texts: string[] = []
  for (const header of innerHeaders(root).slice(0, textPartLimit)) {
    const length = Math.min(header.bodyStart - header.headerStart, headerLimitBytes)
    // the bytes of a reader hold only until the next read
    texts.push(headerText(reader.read(header.headerStart, length).slice()).whole)
  }
  for (const part of leaves(root).slice(0, textPartLimit))
    if (part.type === 'text') texts.push(fold(partText(reader, part)))
  return texts
}

/** Headers of messages inside the message: they are part of its body. */
function innerHeaders(part: Part): Part[] {
  const inner = part.children.flatMap(innerHeaders)
  return part.kind === 'message' ? [...part.children, ...inner] : inner
}
