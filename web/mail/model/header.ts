/** Reading the raw header fields of a letter, in their order. */
import type { EmailHeader } from '#protocols/jmap/wire.ts'

/** Unfolded and trimmed. RFC 5322 §2.2.3 */
export function fieldsNamed(headers: readonly EmailHeader[], name: string): string[] {
  return headers.filter(one => one.name.toLowerCase() === name).map(one => unfolded(one.value))
}

export function unfolded(value: string): string {
  return value.replace(/\r?\n(?=[ \t])/g, '').trim()
}

/** A parameter of Content-Type, RFC 2045 §5.1; no continuations: what we ask for has none */
export function parameter(contentType: string, name: string): string | undefined {
  const pattern = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i')
  const [, quoted, plain] = pattern.exec(contentType) ?? []
  return quoted ?? plain
}
