/**
 * The message as a script sees and changes it. At most `lookedAtBytes` of it are held; what lies behind is only passed on. Contents are
 * never changed but replaced, so that an action keeps what the message was when it was taken (RFC 5293 §3).
 */
import { concatBytes, emptyBytes, utf8 } from '#base/bytes.ts'
import { parameter, parseContentType } from '#formats/message/content.ts'
import { fieldValue, headerLength, type HeaderField, parseHeader, unfold } from '#formats/message/header.ts'
import { unstructuredField } from '#formats/message/fold.ts'
import { type Part, parseStructure } from '#formats/message/structure.ts'
import { readerOf } from '#formats/message/byte-reader.ts'
import { inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'
import { readHead, tailOf } from '../receive/cut-source.ts'
import { delimiterIn } from './delimiter.ts'
import { lookedAtBytes } from './limits.ts'

/** One field with its line end, or, with the key '', bytes of the header that are no field */
export type LetterField = {
  readonly name: string
  /** Lower case */
  readonly key: string
  readonly bytes: Uint8Array
  readonly valueStart: number
  readonly valueEnd: number
}

export type Content = {
  /** Another one is another message; 0 is what came */
  readonly version: number
  readonly fields: readonly LetterField[]
  /** The empty line; nothing in a message that has none */
  readonly separator: Uint8Array
  /** As far as it is held */
  readonly body: Uint8Array
  readonly splices: readonly Splice[]
  /** The rest */
  readonly tail: MessageSource | undefined
  /** Innermost first */
  readonly enclosures: readonly Enclosure[]
}

/** Offsets in `body`, ascending and apart */
export type Splice = { readonly from: number; readonly to: number; readonly bytes: Uint8Array }
/** RFC 5703 §6: what stands around the message */
export type Enclosure = { readonly before: Uint8Array; readonly after: Uint8Array }

/** A part of the message, with the bytes that its offsets count in */
export type LetterPart = {
  readonly part: Part
  readonly bytes: Uint8Array
  readonly isRoot: boolean
  /** The part that holds it */
  readonly within: LetterPart | undefined
}

export async function openLetter(source: MessageSource): Promise<Letter> {
  const head = await readHead(source, lookedAtBytes)
  const headerEnd = headerLength(head)
  const { fields, separator } = splitHeader(head.subarray(0, headerEnd))
  const tail = source.sizeBytes > head.length ? tailOf(source, head.length) : undefined
  const content = { version: 0, fields, separator, body: head.subarray(headerEnd), splices: [], tail, enclosures: [] }
  return new Letter(source, head, content)
}

export class Letter {
  readonly source: MessageSource
  content: Content
  readonly #sources = new Map<number, MessageSource>()
  /** A version that was given up is not used for another */
  #lastVersion = 0
  readonly #head: Uint8Array
  #root: LetterPart | undefined
  #bodyStart = 0

  constructor(source: MessageSource, head: Uint8Array, content: Content) {
    this.source = source
    this.#head = head
    this.content = content
    this.#sources.set(content.version, source)
  }

  get isEdited(): boolean {
    return this.content.version > 0
  }

  fields(key: string): LetterField[] {
    return this.content.fields.filter(field => field.key === key)
  }

  /** MIME tree of what is held, as it was before any part was replaced: offsets stay good */
  root(): LetterPart {
    if (this.#root) return this.#root
    const header = headerBytes(this.content)
    this.#bodyStart = header.length
    const bytes = this.isEdited ? concatBytes([header, this.content.body]) : this.#head
    this.#root = { part: parseStructure(readerOf(bytes)).root, bytes, isRoot: true, within: undefined }
    return this.#root
  }

  addField(name: string, value: string, last: boolean): void {
    const field = makeField(name, value)
    const { fields } = this.content
    this.#change({ fields: last ? [...fields, field] : [field, ...fields] })
  }

  appendField(field: LetterField): void {
    this.#change({ fields: [...this.content.fields, field] })
  }

  removeFields(gone: ReadonlySet<LetterField>): void {
    if (gone.size > 0) this.#change({ fields: this.content.fields.filter(field => !gone.has(field)) })
  }

  /** The MIME entity (header and body) instead of a part that is not the whole message */
  async replacePart(place: LetterPart, entity: Uint8Array): Promise<void> {
    const { part, bytes } = place
    const { tail } = this.content
    if (!tail || part.bodyEnd < bytes.length) return this.#splice(part, part.bodyEnd, entity, tail)
    // what is held ends within this part, or within the delimiter behind it
    const end = await delimiterIn(bytes.subarray(part.bodyStart), tail, boundariesAround(place))
    const rest = end < tail.sizeBytes ? tailOf(tail, Math.max(0, end)) : undefined
    return this.#splice(part, part.bodyEnd + Math.min(0, end), entity, rest)
  }

  #splice({ headerStart }: Part, end: number, bytes: Uint8Array, tail: MessageSource | undefined): void {
    const from = headerStart - this.#bodyStart
    const to = end - this.#bodyStart
    const apart = this.content.splices.filter(splice => splice.to <= from || splice.from >= to)
    this.#change({ tail, splices: [...apart, { from, to, bytes }].toSorted((a, b) => a.from - b.from) })
  }

  isReplaced(part: Part): boolean {
    const from = part.headerStart - this.#bodyStart
    const to = part.bodyEnd - this.#bodyStart
    return this.content.splices.some(splice => splice.from <= from && splice.to >= to)
  }

  /** All of the body, and the Content-* fields with it */
  replaceBody(contentFields: readonly LetterField[], body: Uint8Array): void {
    const fields = this.content.fields.filter(({ key }) => !key.startsWith('content-') && key !== 'mime-version')
    const separator = utf8('\r\n')
    this.#change({ fields: [...fields, ...contentFields], separator, body, splices: [], tail: undefined })
    this.#root = undefined
  }

  enclose(enclosure: Enclosure): void {
    this.#change({ enclosures: [...this.content.enclosures, enclosure] })
  }

  /** Loops begin with what the message is now. */
  settle(): void {
    if (this.content.splices.length === 0) return
    this.content = { ...this.content, body: bodyBytes(this.content), splices: [] }
    this.#root = undefined
  }

  /** What the message was at some time: the source itself where nothing had been changed, and one and the same for one version */
  sourceOf(content: Content): MessageSource {
    const known = this.#sources.get(content.version) ?? printed(content)
    this.#sources.set(content.version, known)
    return known
  }

  /** RFC 5703 §6: what is redirected is never enclosed. */
  innerSourceOf(content: Content): MessageSource {
    return content.enclosures.length === 0 ? this.sourceOf(content) : printed({ ...content, enclosures: [] })
  }

  /** To what it was at some time */
  restore(content: Content): void {
    this.content = content
    this.#root = undefined
  }

  #change(change: Partial<Content>): void {
    this.content = { ...this.content, ...change, version: ++this.#lastVersion }
  }
}

function boundariesAround({ within }: LetterPart): Uint8Array[] {
  const boundaries: Uint8Array[] = []
  for (let around = within; around; around = around.within) {
    const header = around.bytes.subarray(around.part.headerStart, around.part.bodyStart)
    const value = fieldValue(header, parseHeader(header, undefined, ['content-type']), 'content-type')
    const boundary = value && parameter(parseContentType(value)?.parameters ?? [], 'boundary')
    if (around.part.kind === 'multipart' && boundary && boundary.length > 0) boundaries.push(boundary)
  }
  return boundaries
}

function printed(content: Content): MessageSource {
  const before = content.enclosures.toReversed().map(enclosure => enclosure.before)
  const front = concatBytes([...before, headerBytes(content), bodyBytes(content)])
  const back = concatBytes(content.enclosures.map(enclosure => enclosure.after))
  return joinedSource(front, content.tail, back)
}

export function makeField(name: string, value: string): LetterField {
  const bytes = unstructuredField(name, value)
  return { name, key: name.toLowerCase(), bytes, valueStart: name.length + 1, valueEnd: bytes.length - 2 }
}

/** Without line ends and blanks around it */
export function rawValue(field: LetterField): Uint8Array {
  return unfold(field.bytes, { ...field, start: 0, end: field.bytes.length })
}

/** The fields of a header and the empty line behind them */
export function splitHeader(header: Uint8Array): { fields: readonly LetterField[]; separator: Uint8Array } {
  const found = parseHeader(header)
  const fields: LetterField[] = []
  let at = 0
  for (const field of found) {
    if (field.start > at) fields.push(strayBytes(header.subarray(at, field.start)))
    fields.push(fieldIn(header, field))
    at = field.end
  }
  const rest = header.subarray(at)
  const ends = rest.length === 0 || rest[0] === 10 || rest[0] === 13
  if (!ends) fields.push(strayBytes(rest))
  return { fields, separator: ends ? rest : emptyBytes }
}

function fieldIn(header: Uint8Array, { name, key, start, end, valueStart, valueEnd }: HeaderField): LetterField {
  return { name, key, bytes: header.subarray(start, end), valueStart: valueStart - start, valueEnd: valueEnd - start }
}

function strayBytes(bytes: Uint8Array): LetterField {
  return { name: '', key: '', bytes, valueStart: 0, valueEnd: 0 }
}

export function headerBytes({ fields, separator }: Pick<Content, 'fields' | 'separator'>): Uint8Array {
  return concatBytes([...fields.map(field => field.bytes), separator])
}

function bodyBytes({ body, splices }: Content): Uint8Array {
  if (splices.length === 0) return body
  const pieces: Uint8Array[] = []
  let at = 0
  for (const { from, to, bytes } of splices) {
    pieces.push(body.subarray(at, from), bytes)
    at = to
  }
  return concatBytes([...pieces, body.subarray(at)])
}

function joinedSource(front: Uint8Array, tail: MessageSource | undefined, back: Uint8Array): MessageSource {
  const sizeBytes = front.length + (tail?.sizeBytes ?? 0) + back.length
  if (!tail && sizeBytes <= inMemoryLimitBytes) return memorySource(concatBytes([front, back]))
  return {
    sizeBytes,
    place: { kind: 'stream' },
    async *open() {
      yield front
      if (tail) yield* tail.open()
      if (back.length > 0) yield back
    },
  }
}
