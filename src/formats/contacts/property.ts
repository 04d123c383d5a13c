/** One content line: its name, its parameters, its value as text. RFC 6350 §3.3, RFC 2426 §4, vCard 2.1 */
import type { FileText } from './charset.ts'
import type { ContentLine } from './content-lines.ts'
import { maxParameters } from './limits.ts'
import { decodeParameter, decodeQuotedPrintable } from './values.ts'

export type Parameters = ReadonlyMap<string, readonly string[]>

export type VcardProperty = {
  readonly line: number
  readonly group: string | undefined
  /** Upper case */
  readonly name: string
  /** Names in upper case, in their order; ENCODING and CHARSET are done with, and not here */
  readonly parameters: Parameters
  /** Text whose escapes still stand in it; of BASE64 the letters without blanks */
  readonly value: string
  readonly isBase64: boolean
}

/** Undefined: this is no property. */
export function parseProperty(content: ContentLine, text: FileText): VcardProperty | undefined {
  const { line, octets } = content
  const colon = colonIn(octets)
  if (colon < 0) return undefined
  const head = text.decodeBare(octets.subarray(0, colon), undefined)
  const [whole, group, name = ''] = /^[ \t]*(?:([\w-]+)\.)?([\w-]+)(?=[ \t]*(?:;|$))[ \t]*/.exec(head) ?? []
  if (whole === undefined) return undefined
  const parameters = parseParameters(head.slice(whole.length))
  const encoding = parameters.get('ENCODING')?.[0]?.toLowerCase() ?? ''
  const [charset] = parameters.get('CHARSET') ?? []
  parameters.delete('ENCODING')
  parameters.delete('CHARSET')
  const isBase64 = encoding === 'b' || encoding === 'base64'
  const raw = octets.subarray(colon + 1)
  const value =
    encoding === 'quoted-printable' ? text.decode(decodeQuotedPrintable(raw), charset) : text.decodeBare(raw, charset)
  return {
    line,
    group,
    name: name.toUpperCase(),
    parameters,
    value: isBase64 ? value.replaceAll(/\s+/g, '') : value.trim(),
    isBase64,
  }
}

/** The first one outside of quotes; where a quote is never closed, the first one. */
function colonIn(octets: Uint8Array): number {
  let isQuoted = false
  for (let at = 0; at < octets.length; at++) {
    if (octets[at] === 34) isQuoted = !isQuoted
    else if (octets[at] === 58 && !isQuoted) return at
  }
  return octets.indexOf(58)
}

const encodings = new Set(['QUOTED-PRINTABLE', 'BASE64', 'B', '7BIT', '8BIT'])
const valueKinds = new Set(['URL', 'INLINE', 'CONTENT-ID', 'CID'])

/** `;TYPE=home,work;PREF=1;HOME`: vCard 2.1 leaves out the names. */
function parseParameters(text: string): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const piece of unquotedSplit(text, ';').slice(0, maxParameters + 1)) {
    const [, named, given = ''] = /^\s*(?:([\w-]+)\s*=)?(.*)$/s.exec(piece) ?? []
    const values = unquotedSplit(given, ',')
      .map(clean)
      .filter(value => value !== '')
    if (values.length === 0) continue
    const name = named?.toUpperCase() ?? nameFor(values[0] as string)
    found.set(name, [...(found.get(name) ?? []), ...values])
  }
  return found
}

function nameFor(value: string): string {
  if (encodings.has(value.toUpperCase())) return 'ENCODING'
  return valueKinds.has(value.toUpperCase()) ? 'VALUE' : 'TYPE'
}

function clean(value: string): string {
  return decodeParameter(value.trim().replaceAll('"', ''))
}

function unquotedSplit(text: string, separator: string): string[] {
  const pieces: string[] = []
  let isQuoted = false
  let from = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted
    else if (text[at] === separator && !isQuoted) {
      pieces.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...pieces, text.slice(from)]
}
