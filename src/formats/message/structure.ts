/**
 * The MIME tree of a message as offsets. RFC 2045, RFC 2046 §5.
 *
 * One pass from front to back over a ByteReader: never more than one window and one header in memory, time linear in size,
 * whatever the message says. A boundary of an outer multipart ends every inner one. What is nested too deep, or is one part
 * too many, is opaque.
 */
import { asciiText } from '#base/bytes.ts'
import type { ByteReader } from './byte-reader.ts'
import { type ContentType, parameter, parseContentType, transferEncoding } from './content.ts'
import { type HeaderField, fieldValue, parseHeader } from './header.ts'
import { maxBoundaryBytes, maxDepth, maxHeaderBytes, maxParts } from './limits.ts'
import { type Delimiter, LineScanner } from './line-scanner.ts'

export type Part = {
  readonly kind: 'leaf' | 'multipart' | 'message'
  /** Lower case; `application/octet-stream` for what is too deep */
  readonly type: string
  readonly subtype: string
  /** Content-Transfer-Encoding, lower case */
  readonly encoding: string
  readonly headerStart: number
  /** After the empty line */
  readonly bodyStart: number
  /** Before the line end that belongs to the boundary */
  readonly bodyEnd: number
  /** Line feeds of the body; counted for text, for messages and for whatever lies inside a message, else 0 */
  readonly lines: number
  /** Of a multipart at least one; of a message exactly one (its header and body); of a leaf none */
  readonly children: readonly Part[]
}

export type Structure = {
  readonly root: Part
  /** Fields of the message's own header (of its first `maxHeaderBytes`), offsets from the start */
  readonly fields: readonly HeaderField[]
  /** The bytes those offsets count in */
  readonly header: Uint8Array
}

const plainText: ContentType = { type: 'text', subtype: 'plain', parameters: [] }
const wholeMessage: ContentType = { type: 'message', subtype: 'rfc822', parameters: [] }

export function parseStructure(reader: ByteReader): Structure {
  const parser = new StructureParser(reader)
  const root = parser.entity(0, plainText)
  return { root, fields: parser.rootFields ?? [], header: parser.rootHeader ?? new Uint8Array(0) }
}

class StructureParser {
  readonly #reader: ByteReader
  readonly #scanner: LineScanner
  #parts = 0
  rootFields: readonly HeaderField[] | undefined
  rootHeader: Uint8Array | undefined

  constructor(reader: ByteReader) {
    this.#reader = reader
    this.#scanner = new LineScanner(reader)
  }

  /** Header and body from where the scanner stands to the delimiter that ends them, which stays in `scanner.found`. */
  entity(depth: number, inherited: ContentType): Part {
    this.#parts++
    const scanner = this.#scanner
    const headerStart = scanner.at
    const bodyStart = scanner.skipHeader()
    const { type, encoding } = this.#readHeader(headerStart, bodyStart, inherited)
    const start = { type: type.type, subtype: type.subtype, encoding, headerStart, bodyStart }
    if (type.type === 'multipart') return this.#multipart(depth, type, start)
    if (isMessage(type) && this.#mayNest(depth)) {
      const linesBefore = scanner.startCounting()
      const child = this.entity(depth + 1, plainText)
      scanner.countUpTo(child.bodyEnd)
      const lines = scanner.stopCounting() - linesBefore
      return { ...start, kind: 'message', bodyEnd: child.bodyEnd, lines, children: [child] }
    }
    if (isMessage(type)) return this.#leaf(opaque(start))
    return this.#leaf(start)
  }

  #multipart(depth: number, type: ContentType, start: PartStart): Part {
    const boundary = boundaryOf(type)
    if (!this.#mayNest(depth)) return this.#leaf(opaque(start))
    if (boundary === undefined) return this.#asOnePart(start)
    const scanner = this.#scanner
    const children: Part[] = []
    const inherited = type.subtype === 'digest' ? wholeMessage : plainText
    const level = scanner.push(boundary)
    if (!scanner.found) scanner.toDelimiter()
    while (isNextPart(scanner.found, level) && this.#parts < maxParts) {
      scanner.takeDelimiter()
      children.push(this.entity(depth + 1, inherited))
    }
    const closed = scanner.found?.level === level
    scanner.pop()
    // the close delimiter, or, with too many parts, the first one that is not looked at
    if (closed) {
      scanner.takeDelimiter()
      scanner.toDelimiter()
    }
    const bodyEnd = scanner.bodyEnd(start.bodyStart)
    if (children.length === 0) children.push(emptyPart(bodyEnd))
    return { ...start, kind: 'multipart', bodyEnd, lines: 0, children }
  }

  /** A multipart without a boundary: its body is one part of text (RFC 2046 §5.1.1 requires the parameter). */
  #asOnePart(start: PartStart): Part {
    const body = { ...start, type: 'text', subtype: 'plain', headerStart: start.bodyStart }
    const child = this.#leaf(body)
    return { ...start, kind: 'multipart', bodyEnd: child.bodyEnd, lines: 0, children: [child] }
  }

  #leaf(start: PartStart): Part {
    const scanner = this.#scanner
    const counts = start.type === 'text'
    const linesBefore = counts ? scanner.startCounting() : 0
    if (!scanner.found) scanner.toDelimiter()
    const bodyEnd = scanner.bodyEnd(start.bodyStart)
    const lines = counts ? scanner.stopCounting() - linesBefore : 0
    return { ...start, kind: 'leaf', bodyEnd, lines, children: [] }
  }

  #readHeader(from: number, to: number, inherited: ContentType): { type: ContentType; encoding: string } {
    const header = this.#reader.read(from, Math.min(to - from, maxHeaderBytes))
    const fields = parseHeader(header)
    if (!this.rootFields) {
      this.rootFields = fields
      this.rootHeader = this.#reader.whole ? header : header.slice()
    }
    const value = fieldValue(header, fields, 'content-type')
    const type = value && parseContentType(value)
    return { type: type ?? (value ? plainText : inherited), encoding: transferEncoding(header, fields) }
  }

  #mayNest(depth: number): boolean {
    return depth < maxDepth && this.#parts < maxParts
  }
}

type PartStart = Pick<Part, 'type' | 'subtype' | 'encoding' | 'headerStart' | 'bodyStart'>

/** message/global is the internationalised form (RFC 6532 §3.7). */
function isMessage(type: ContentType): boolean {
  return type.type === 'message' && (type.subtype === 'rfc822' || type.subtype === 'global')
}

function opaque(start: PartStart): PartStart {
  return { ...start, type: 'application', subtype: 'octet-stream' }
}

function emptyPart(at: number): Part {
  const place = { headerStart: at, bodyStart: at, bodyEnd: at }
  return { kind: 'leaf', type: 'text', subtype: 'plain', encoding: '7bit', ...place, lines: 0, children: [] }
}

function isNextPart(found: Delimiter | undefined, level: number): boolean {
  return found !== undefined && found.level === level && !found.closes
}

function boundaryOf(type: ContentType): string | undefined {
  const value = parameter(type.parameters, 'boundary')
  if (!value || value.length === 0 || value.length > maxBoundaryBytes) return undefined
  return asciiText(value).trimEnd() || undefined
}
