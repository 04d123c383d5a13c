/** BODY and BODYSTRUCTURE as IMAP sends them, in one walk over the tree. RFC 9051 §7.5.2, RFC 3501 §7.4.2 */
import type { ByteReader } from './byte-reader.ts'
import { type Parameter, parseContentType, parseDisposition, parseLanguages } from './content.ts'
import { writeEnvelope } from './envelope.ts'
import { type HeaderField, fieldValue, parseHeader } from './header.ts'
import { ImapText } from './imap-text.ts'
import { maxHeaderBytes, maxStructureBytes } from './limits.ts'
import { joinContinuations } from './parameters.ts'
import type { Part } from './structure.ts'

export function printStructure(reader: ByteReader, root: Part): { body: Uint8Array; bodyStructure: Uint8Array } {
  const printer = { reader, body: new ImapText(), full: new ImapText() }
  writePart(printer, root)
  return { body: printer.body.bytes(), bodyStructure: printer.full.bytes() }
}

type Printer = { readonly reader: ByteReader; readonly body: ImapText; readonly full: ImapText }
type PartHeader = { readonly bytes: Uint8Array; readonly fields: readonly HeaderField[] }

function writePart(printer: Printer, part: Part): void {
  const { body, full } = printer
  if (full.length > maxStructureBytes) return writeCrowdedOut(printer, part)
  body.raw('(')
  full.raw('(')
  if (part.kind === 'multipart') for (const child of part.children) writePart(printer, child)
  // Read after the children: headers of all levels are never held at once.
  let header = readHeader(printer.reader, part)
  if (part.kind === 'multipart') {
    body.raw(' ').quoted(part.subtype)
    full.raw(' ').quoted(part.subtype).raw(' ')
    writeParameters(full, contentParameters(part, header))
  } else {
    writeBasic(printer, part, header)
    if (part.kind === 'message') header = readHeader(printer.reader, part)
    full.raw(' ').nstring(fieldValue(header.bytes, header.fields, 'content-md5'))
  }
  writeExtension(full, header)
  body.raw(')')
  full.raw(')')
}

/** Type to size, and what text and messages have besides; the same in both forms but for the inner message. */
function writeBasic(printer: Printer, part: Part, header: PartHeader): void {
  const { body, full, reader } = printer
  const start = full.length
  full.quoted(part.type).raw(' ').quoted(part.subtype).raw(' ')
  writeParameters(full, contentParameters(part, header))
  full.raw(' ').nstring(fieldValue(header.bytes, header.fields, 'content-id'))
  full.raw(' ').nstring(fieldValue(header.bytes, header.fields, 'content-description'))
  full
    .raw(' ')
    .quoted(part.encoding)
    .raw(' ')
    .number(part.bodyEnd - part.bodyStart)
  const inner = part.children[0]
  if (part.kind === 'message' && inner) {
    const innerHeader = readHeader(reader, inner)
    full.raw(' ')
    writeEnvelope(full, innerHeader.bytes, innerHeader.fields)
    full.raw(' ')
    body.copyFrom(full, start)
    writePart(printer, inner)
    const lines = ` ${part.lines}`
    body.raw(lines)
    full.raw(lines)
    return
  }
  if (part.type === 'text') full.raw(' ').number(part.lines)
  body.copyFrom(full, start)
}

/** Disposition, language, location */
function writeExtension(full: ImapText, header: PartHeader): void {
  const value = (key: string) => fieldValue(header.bytes, header.fields, key)
  const written = value('content-disposition')
  const disposition = written && parseDisposition(written)
  if (disposition) {
    full.raw(' (').quoted(disposition.kind).raw(' ')
    writeParameters(full, disposition.parameters)
    full.raw(')')
  } else full.raw(' NIL')
  const language = value('content-language')
  const tags = language ? parseLanguages(language) : []
  if (tags.length === 0) full.raw(' NIL')
  else if (tags.length === 1) full.raw(' ').quoted(tags[0] ?? '')
  else {
    full.raw(' (')
    tags.forEach((tag, index) => full.raw(index > 0 ? ' ' : '').quoted(tag))
    full.raw(')')
  }
  full.raw(' ').nstring(value('content-location'))
}

/** Those of the header where the type is the header's; the default charset for text without one (RFC 2045 §5.2). */
function contentParameters(part: Part, header: PartHeader): readonly Parameter[] {
  const written = fieldValue(header.bytes, header.fields, 'content-type')
  const type = written && parseContentType(written)
  const parameters = type?.type === part.type && type.subtype === part.subtype ? type.parameters : []
  if (part.type !== 'text' || parameters.some(parameter => /^charset(?:\*|$)/.test(parameter.name))) return parameters
  return [...parameters, defaultCharset]
}

const defaultCharset: Parameter = { name: 'charset', value: Buffer.from('us-ascii') }

function writeParameters(out: ImapText, written: readonly Parameter[]): void {
  const parameters = joinContinuations(written)
  if (parameters.length === 0) {
    out.raw('NIL')
    return
  }
  out.raw('(')
  parameters.forEach((parameter, index) => {
    out
      .raw(index > 0 ? ' ' : '')
      .quoted(parameter.name)
      .raw(' ')
      .nstring(parameter.value)
  })
  out.raw(')')
}

/** The structure has grown beyond what anyone reads: this part is named by its size only. */
function writeCrowdedOut({ body, full }: Printer, part: Part): void {
  const size = part.bodyEnd - part.bodyStart
  const text = `("application" "octet-stream" NIL NIL NIL "binary" ${size}`
  body.raw(`${text})`)
  full.raw(`${text} NIL NIL NIL NIL)`)
}

function readHeader(reader: ByteReader, part: Part): PartHeader {
  const bytes = reader.read(part.headerStart, Math.min(part.bodyStart - part.headerStart, maxHeaderBytes))
  return { bytes, fields: parseHeader(bytes) }
}
