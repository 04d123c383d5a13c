/** The words of a message: for the status page, previews and tests. */
import { decodeAs, type Decoded, decodeFound } from '#formats/charset/decode.ts'
import { type ByteReader, readerOf } from './byte-reader.ts'
import { type Parameter, parameter, parseContentType, parseDisposition } from './content.ts'
import { unflow } from './flowed.ts'
import { fieldValue, type HeaderField, parseHeader } from './header.ts'
import { asciiText, emptyBytes } from '#base/bytes.ts'
import { htmlText } from './html-text.ts'
import { maxHeaderBytes, maxTextBytes } from './limits.ts'
import { fileName } from './parameters.ts'
import { type Part, parseStructure, type Structure } from './structure.ts'
import { decodeTransfer } from './transfer.ts'

/** Text of the first text/plain part that is no attachment, else of the first text part of any kind; '' without one. */
export function textOf(bytes: Uint8Array): string {
  const reader = readerOf(bytes)
  const { root } = parseStructure(reader)
  const texts = leaves(root).filter(part => part.type === 'text' && !isAttachment(reader, part))
  const part = texts.find(candidate => candidate.subtype === 'plain') ?? texts[0]
  return part ? partText(reader, part) : ''
}

/** A text part decoded: transfer encoding, then charset. At most the first `maxBytes` octets of it. */
export function partText(reader: ByteReader, part: Part, maxBytes = maxTextBytes): string {
  return partDecoded(reader, part, { maxBytes }).text
}

/** The same with the charset that was found. `as`: a label that is believed whatever the letter says */
export function partDecoded(
  reader: ByteReader,
  part: Part,
  { maxBytes = maxTextBytes, as }: { readonly maxBytes?: number; readonly as?: string | undefined } = {},
): Decoded {
  const body = reader.read(part.bodyStart, Math.min(part.bodyEnd - part.bodyStart, maxBytes))
  const content = decodeTransfer(body, part.encoding)
  const insisted = as === undefined ? undefined : decodeAs(content, as)
  if (insisted) return insisted
  return decodeFound(content, charsetOf(reader, part) ?? (part.subtype === 'html' ? metaCharset(content) : undefined))
}

/** As a person reads it: what format=flowed has broken is whole again, HTML is its words. */
export function readableText(reader: ByteReader, part: Part, maxBytes = maxTextBytes): string {
  const text = partText(reader, part, maxBytes)
  if (part.subtype === 'html') return htmlText(text, Infinity)
  return part.subtype === 'plain' ? whole(reader, part, text) : text
}

/** A text/plain part, what format=flowed has broken whole again */
export function plainText(reader: ByteReader, part: Part, maxBytes = maxTextBytes): string {
  return whole(reader, part, partText(reader, part, maxBytes))
}

function whole(reader: ByteReader, part: Part, text: string): string {
  const parameters = contentParameters(reader, part)
  if (!parameter(parameters, 'format')) return text
  const value = (name: string) => asciiText(parameter(parameters, name) ?? emptyBytes).toLowerCase()
  return value('format') === 'flowed' ? unflow(text, value('delsp') === 'yes') : text
}

/** Parts without children, in order; those of inner messages too. */
export function leaves(part: Part): Part[] {
  return part.children.length === 0 ? [part] : part.children.flatMap(leaves)
}

function charsetOf(reader: ByteReader, part: Part): string | undefined {
  const charset = parameter(contentParameters(reader, part), 'charset')
  return charset && asciiText(charset)
}

function contentParameters(reader: ByteReader, part: Part): readonly Parameter[] {
  const known = contentTypes.get(part)
  if (known) return known
  const value = headerValue(reader, part, 'content-type')
  const parameters = (value && parseContentType(value)?.parameters) ?? []
  contentTypes.set(part, parameters)
  return parameters
}

export function isAttachment(reader: ByteReader, part: Part): boolean {
  const value = headerValue(reader, part, 'content-disposition')
  return value !== undefined && parseDisposition(value)?.kind === 'attachment'
}

/** File name of a part, decoded; undefined without one */
export function partName(reader: ByteReader, part: Part): string | undefined {
  const disposition = headerValue(reader, part, 'content-disposition')
  const parameters = contentParameters(reader, part)
  if (!disposition && !parameters.some(({ name }) => name.startsWith('name'))) return undefined
  return fileName(disposition && parseDisposition(disposition)?.parameters, parameters)
}

/** A header that has been parsed with the structure is not parsed again. */
export function knowHeader({ root, header, fields }: Structure): void {
  headers.set(root, { header, fields })
}

function headerValue(reader: ByteReader, part: Part, key: string): Uint8Array | undefined {
  let parsed = headers.get(part)
  if (!parsed) {
    const header = reader.read(part.headerStart, Math.min(part.bodyStart - part.headerStart, maxHeaderBytes))
    parsed = { header, fields: parseHeader(header) }
    headers.set(part, parsed)
  }
  return fieldValue(parsed.header, parsed.fields, key)
}

/** Whoever asks for one field of a part asks for another, and for one parameter. */
const contentTypes = new WeakMap<Part, readonly Parameter[]>()
const headers = new WeakMap<Part, { readonly header: Uint8Array; readonly fields: readonly HeaderField[] }>()

/** `<meta charset=…>` near the top, where nothing else names the charset. HTML §4.2.5.4 */
function metaCharset(content: Uint8Array): string | undefined {
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w:.-]{1,40})/i.exec(asciiText(content.subarray(0, 4096)))?.[1]
}
