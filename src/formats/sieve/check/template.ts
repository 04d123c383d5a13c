/** A string of a script → what it stands for. RFC 5228 §2.4.2.4 first, then RFC 5229 §3 */
import type { Text } from '#base/text.ts'
import { maxMatchVariables, maxVariableNameLength } from '../limits.ts'
import type { Template, VariableName, VariableReference } from '../program.ts'
import { texts } from '../texts.ts'

const blanks = '[ \\t\\r\\n]'
const encoded = new RegExp(`\\$\\{(hex|unicode):${blanks}*([0-9a-f]+(?:${blanks}+[0-9a-f]+)*)${blanks}*\\}`, 'gi')
const variable = /\$\{(?:(\d{1,9})|((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*))\}/g

/** Blocks next to each other make one sequence of octets: a character may be written in two of them. */
export function decodeCharacters(text: string, tell: (problem: Text) => void): string {
  if (!text.includes('${')) return text
  let octets: number[] = []
  let out = ''
  let from = 0
  const flush = () => {
    if (octets.length === 0) return
    const bytes = Buffer.from(octets)
    const decoded = bytes.toString('utf8')
    if (!Buffer.from(decoded).equals(bytes)) tell(texts.badOctets)
    out += decoded
    octets = []
  }
  for (const found of text.matchAll(encoded)) {
    const [whole, kind = '', values = ''] = found
    const numbers = values.split(/[ \t\r\n]+/)
    const isHex = kind.toLowerCase() === 'hex'
    // not the grammar, so it stands for itself
    if (isHex && numbers.some(number => number.length > 2)) continue
    if (found.index > from) flush()
    out += text.slice(from, found.index)
    for (const number of numbers) octets.push(...octetsOf(number, isHex, problem => tell(problem(whole))))
    from = found.index + whole.length
  }
  flush()
  return out + text.slice(from)
}

function octetsOf(
  number: string,
  isHex: boolean,
  tell: (problem: (written: string) => Text) => void,
): Uint8Array | number[] {
  const value = number.length > 12 ? Infinity : Number.parseInt(number, 16)
  if (isHex) return [value]
  if (value <= 0x10ffff && (value < 0xd800 || value > 0xdfff)) return Buffer.from(String.fromCodePoint(value))
  tell(texts.badEncodedCharacter)
  return []
}

/** Namespaces that are not known make no reference: the text stands for itself, as other uses of `${` do. */
export function readTemplate(text: string, namespaces: ReadonlySet<string>, tell: (problem: Text) => void): Template {
  if (!text.includes('${')) return text
  const pieces: (string | VariableReference)[] = []
  let from = 0
  for (const found of text.matchAll(variable)) {
    const reference = referenceOf(found[1], found[2], namespaces, tell)
    if (!reference) continue
    if (found.index > from) pieces.push(text.slice(from, found.index))
    pieces.push(reference)
    from = found.index + found[0].length
  }
  if (pieces.length === 0) return text
  if (from < text.length) pieces.push(text.slice(from))
  return pieces
}

function referenceOf(
  number: string | undefined,
  name: string | undefined,
  namespaces: ReadonlySet<string>,
  tell: (problem: Text) => void,
): VariableReference | undefined {
  if (number !== undefined) {
    if (Number(number) < maxMatchVariables) return { kind: 'match', index: Number(number) }
    tell(texts.badMatchVariable(maxMatchVariables))
    return undefined
  }
  const read = readVariableName(name ?? '', namespaces)
  if (!read) tell(texts.badVariable(name ?? ''))
  return read
}

/** For set, extracttext and flags, too; undefined for what is no name. RFC 5229 §3 */
export function readVariableName(name: string, namespaces: ReadonlySet<string>): VariableName | undefined {
  if (name.length > maxVariableNameLength) return undefined
  const [, namespace, last = ''] = /^(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)$/.exec(name) ?? []
  if (last === '' || (namespace !== undefined && !namespaces.has(namespace.toLowerCase()))) return undefined
  return { kind: 'named', name: last.toLowerCase(), global: namespace !== undefined }
}
