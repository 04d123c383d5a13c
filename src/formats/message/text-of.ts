/** The words of a message: for the status page, previews and tests. */
import { decodeText } from '#formats/charset/decode.ts'
import { type ByteReader, readerOf } from './byte-reader.ts'
import { parameter, parseContentType, parseDisposition } from './content.ts'
import { fieldValue, type HeaderField, parseHeader } from './header.ts'
import { asciiText } from '#base/bytes.ts'
import { maxHeaderBytes, maxTextBytes } from './limits.ts'
import { type Part, parseStructure } from './structure.ts'
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
  const body = reader.read(part.bodyStart, Math.min(part.bodyEnd - part.bodyStart, maxBytes))
  const content = decodeTransfer(body, part.encoding)
  return decodeText(content, charsetOf(reader, part) ?? (part.subtype === 'html' ? metaCharset(content) : undefined))
}

/** Parts without children, in order; those of inner messages too. */
export function leaves(part: Part): Part[] {
  return part.children.length === 0 ? [part] : part.children.flatMap(leaves)
}

function charsetOf(reader: ByteReader, part: Part): string | undefined {
  const value = headerValue(reader, part, 'content-type')
  const charset = value && parameter(parseContentType(value)?.parameters ?? [], 'charset')
  return charset && asciiText(charset)
}

export function isAttachment(reader: ByteReader, part: Part): boolean {
  const value = headerValue(reader, part, 'content-disposition')
  return value !== undefined && parseDisposition(value)?.kind === 'attachment'
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

/** Whoever asks for one field of a part asks for another. */
const headers = new WeakMap<Part, { readonly header: Uint8Array; readonly fields: readonly HeaderField[] }>()

/** `<meta charset=…>` near the top, where nothing else names the charset. HTML §4.2.5.4 */
function metaCharset(content: Uint8Array): string | undefined {
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w:.-]{1,40})/i.exec(asciiText(content.subarray(0, 4096)))?.[1]
}
