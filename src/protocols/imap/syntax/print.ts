/** Pieces of responses. Everything here is ASCII unless it says UTF-8 or bytes. RFC 9051 §7, §9 */
import { isUtf8, type Dialect } from './dialect.ts'
import { encodeMailboxName } from '#formats/mailbox-name.ts'
import type { Section } from './request.ts'

/** What a response is made of: text (sent in UTF-8) and bytes to be copied as they are. */
export type Piece = string | Uint8Array

const plainAtom = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/

export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** Mailbox name in quotes, in modified UTF-7 or UTF-8. */
export function quotedMailbox(name: string, dialect: Dialect): string {
  return quoted(isUtf8(dialect) ? name : encodeMailboxName(name))
}

/** Mailbox name as an astring in modified UTF-7 or UTF-8: a bare atom when it can be one. `NIL` would be read as no string. */
export function printMailbox(name: string, dialect: Dialect): string {
  const wire = isUtf8(dialect) ? name : encodeMailboxName(name)
  return plainAtom.test(wire) && wire.toUpperCase() !== 'NIL' ? wire : quoted(wire)
}

/** The name of an annotation (RFC 5464 §5) or of a quota root (RFC 9208 §7) as an astring; what is not ASCII is a literal in UTF-8. */
export function printAstring(name: string): string {
  if (plainAtom.test(name)) return name
  return /^[ -~]*$/.test(name) ? quoted(name) : `{${Buffer.byteLength(name)}}\r\n${name}`
}

/** `HEADER.FIELDS (DATE FROM)`, `1.2.MIME`: what stands between the brackets. */
export function printSection(section: Section): string {
  const part = section.part.join('.')
  const text = printSectionText(section)
  return part !== '' && text !== '' ? `${part}.${text}` : part + text
}

function printSectionText({ text }: Section): string {
  switch (text.kind) {
    case 'ALL':
      return ''
    case 'HEADER':
    case 'TEXT':
    case 'MIME':
      return text.kind
    case 'HEADER.FIELDS':
    case 'HEADER.FIELDS.NOT':
      return `${text.kind} (${text.fields.map(printFieldName).join(' ')})`
    default:
      return text satisfies never
  }
}

function printFieldName(name: string): string {
  return plainAtom.test(name) ? name : quoted(name)
}

/** Text behind OK, NO, BAD: never a line end, never empty (RFC 9051 §9 resp-text). */
export function printText(text: string): string {
  const line = text.replaceAll(/[\r\n\0]+/g, ' ').replaceAll(/[^ -~]/g, '?')
  return line === '' ? '-' : line.startsWith('[') ? ` ${line}` : line
}
