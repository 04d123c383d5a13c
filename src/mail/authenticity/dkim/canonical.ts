/** Header canonicalization. The header is text of one character per octet, so that offsets of fields hold in it. RFC 6376 §3.4.1, §3.4.2 */
import type { HeaderField } from '#formats/message/header.ts'
import { trimBlanks } from '../tag-list.ts'

export type Form = 'simple' | 'relaxed'

/** One field with its line end. */
export function canonicalField(header: string, field: HeaderField, form: Form): string {
  if (form === 'simple') return `${header.slice(field.start, field.valueEnd)}\r\n`
  return `${field.key}:${relaxedValue(header.slice(field.valueStart, field.valueEnd))}\r\n`
}

/** The signature's own field: the value of b= empty, no line end. RFC 6376 §3.7 */
export function canonicalSignature(header: string, field: HeaderField, form: Form): string {
  const name = header.slice(field.start, field.valueStart)
  const value = withoutSignature(header.slice(field.valueStart, field.valueEnd))
  return form === 'simple' ? name + value : `${field.key}:${relaxedValue(value)}`
}

function relaxedValue(value: string): string {
  return trimBlanks(value.replace(/\r?\n/g, '').replace(/[ \t]+/g, ' '))
}

function withoutSignature(value: string): string {
  return value
    .split(';')
    .map(spec => (/^[ \t\r\n]*b[ \t\r\n]*=/.test(spec) ? spec.slice(0, spec.indexOf('=') + 1) : spec))
    .join(';')
}
