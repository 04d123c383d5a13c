/**
 * The words that all commands are made of, by their ABNF names (RFC 9051 §9). `tryX` answers undefined and stays where it
 * is, `expectX` fails with the position.
 */
import { isUtf8 as isUtf8Text } from 'node:buffer'
import { asciiText } from '#base/bytes.ts'
import { isUtf8 } from './dialect.ts'
import type { Literal } from './framing.ts'
import { listLimit } from './limits.ts'
import type { Reader } from './reader.ts'

const isAtomChar = 1
const isAstringChar = 2
const isTagChar = 4
const isListChar = 8
const isDigit = 16

const classes = new Uint8Array(256)
for (let byte = 0x21; byte < 0x7f; byte += 1) {
  const char = String.fromCharCode(byte)
  if (!'(){%*"\\]'.includes(char))
    classes[byte] = isAtomChar | isAstringChar | isListChar | (char === '+' ? 0 : isTagChar)
}
classes[0x5d] = isAstringChar | isTagChar | isListChar
classes[0x25] = isListChar
classes[0x2a] = isListChar
for (let byte = 0x30; byte <= 0x39; byte += 1) classes[byte] = (classes[byte] ?? 0) | isDigit

function takeWhile(reader: Reader, charClass: number): Uint8Array | undefined {
  const start = reader.position
  while (((classes[reader.peek()] ?? 0) & charClass) !== 0) reader.advance(1)
  return reader.position === start ? undefined : reader.since(start)
}

export function tryChar(reader: Reader, char: string): boolean {
  if (reader.peek() !== char.charCodeAt(0)) return false
  reader.advance(1)
  return true
}

export function expectChar(reader: Reader, char: string): void {
  if (!tryChar(reader, char)) reader.fail(`Expected ${char}`)
}

export function trySpace(reader: Reader): boolean {
  return tryChar(reader, ' ')
}

export function expectSpace(reader: Reader): void {
  if (!trySpace(reader)) reader.fail('Expected a space')
}

export function expectEnd(reader: Reader): void {
  // a trailing space is sent by some clients and harms nobody
  while (trySpace(reader));
  if (!reader.atEnd) reader.fail('Expected the end of the command')
}

/** Words of the grammar are compared without regard to case. Takes `word` when it stands here and ends here. */
export function tryWord(reader: Reader, word: string): boolean {
  for (let index = 0; index < word.length; index += 1)
    if (upper(reader.peek(index)) !== word.charCodeAt(index)) return false
  const next = reader.peek(word.length)
  if (((classes[next] ?? 0) & isAtomChar) !== 0 && next !== 0x5b) return false
  reader.advance(word.length)
  return true
}

function upper(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte
}

export function expectTag(reader: Reader): string {
  const tag = takeWhile(reader, isTagChar)
  return tag ? asciiText(tag) : reader.fail('Expected a tag')
}

export function tryAtom(reader: Reader): string | undefined {
  const atom = takeWhile(reader, isAtomChar)
  return atom && asciiText(atom)
}

export function expectAtom(reader: Reader): string {
  return tryAtom(reader) ?? reader.fail('Expected an atom')
}

/** An upper-cased atom that names something: a command, an item, an option. It ends before `[` and `]`. */
export function expectName(reader: Reader): string {
  const start = reader.position
  while (((classes[reader.peek()] ?? 0) & isAtomChar) !== 0 && reader.peek() !== 0x5b) reader.advance(1)
  if (reader.position === start) reader.fail('Expected a name')
  return asciiText(reader.since(start)).toUpperCase()
}

/** RFC 9051 number: 32 bit. */
export function tryNumber(reader: Reader): number | undefined {
  const value = tryNumber64(reader)
  if (value !== undefined && value > 0xffff_ffff) reader.fail('The number is too large')
  return value
}

export function expectNumber(reader: Reader): number {
  return tryNumber(reader) ?? reader.fail('Expected a number')
}

/** Ours stay within 2⁵³-1; a larger one is no modseq or size we ever gave out. */
export function tryNumber64(reader: Reader): number | undefined {
  const digits = takeWhile(reader, isDigit)
  if (!digits) return undefined
  const value = Number(asciiText(digits))
  if (!Number.isSafeInteger(value)) reader.fail('The number is too large')
  return value
}

export function expectNumber64(reader: Reader): number {
  return tryNumber64(reader) ?? reader.fail('Expected a number')
}

export function tryQuoted(reader: Reader): Uint8Array | undefined {
  if (reader.peek() !== 0x22) return undefined
  reader.advance(1)
  const start = reader.position
  let escaped = false
  for (;;) {
    const byte = reader.peek()
    if (byte === -1 || byte === 0) reader.fail('The quoted string has no end')
    if (byte === 0x22) break
    if (byte === 0x5c) {
      escaped = true
      const next = reader.peek(1)
      if (next !== 0x22 && next !== 0x5c) reader.fail('Only " and \\ may be quoted by \\')
      reader.advance(1)
    }
    reader.advance(1)
  }
  const raw = reader.since(start)
  // RFC 6855 §3; before anything is enabled what comes is taken as it is
  if (isUtf8(reader.dialect) && !isUtf8Text(raw)) reader.fail('This is not UTF-8', start)
  reader.advance(1)
  return escaped ? withoutEscapes(raw) : raw
}

function withoutEscapes(raw: Uint8Array): Uint8Array {
  const plain = new Uint8Array(raw.length)
  let length = 0
  for (let at = 0; at < raw.length; at += 1) {
    if (raw[at] === 0x5c) at += 1
    plain[length++] = raw[at] ?? 0
  }
  return plain.subarray(0, length)
}

/** A literal that is kept in memory. */
function tryLiteral(reader: Reader): Uint8Array | undefined {
  const literal = reader.takeLiteral()
  if (!literal) return undefined
  if (literal.kind === 'message') return reader.fail('A message cannot stand here')
  if (!literal.binary && literal.bytes.includes(0)) return reader.fail('A literal holds no NUL')
  return literal.bytes
}

/** The literal itself, for APPEND, which may be a spooled message. */
export function expectMessageLiteral(reader: Reader): Literal {
  return reader.takeLiteral() ?? reader.fail('Expected a literal')
}

export function tryString(reader: Reader): Uint8Array | undefined {
  return tryQuoted(reader) ?? tryLiteral(reader)
}

export function expectString(reader: Reader): Uint8Array {
  return tryString(reader) ?? reader.fail('Expected a string')
}

export function tryAstring(reader: Reader): Uint8Array | undefined {
  return takeWhile(reader, isAstringChar) ?? tryString(reader)
}

export function expectAstring(reader: Reader): Uint8Array {
  return tryAstring(reader) ?? reader.fail('Expected a string or an atom')
}

/** An astring whose bytes are ASCII by its meaning (names of charsets, mechanisms, header fields). */
export function expectAsciiAstring(reader: Reader): string {
  return asciiText(expectAstring(reader))
}

export function expectNstring(reader: Reader): Uint8Array | undefined {
  if (tryWord(reader, 'NIL')) return undefined
  return expectString(reader)
}

/** list-mailbox: an atom that may hold wildcards, or a string. */
export function expectListMailbox(reader: Reader): Uint8Array {
  return takeWhile(reader, isListChar) ?? tryString(reader) ?? reader.fail('Expected a mailbox pattern')
}

/** `(` one or more, separated by a space, `)`. With `empty` the list may have no items. */
export function expectList<Item>(reader: Reader, item: (reader: Reader) => Item, options?: { empty: boolean }): Item[] {
  expectChar(reader, '(')
  const items: Item[] = []
  if (options?.empty && tryChar(reader, ')')) return items
  for (;;) {
    items.push(item(reader))
    if (items.length > listLimit) reader.fail('The list is too long')
    if (tryChar(reader, ')')) return items
    expectSpace(reader)
  }
}

/** `\Seen` or a keyword. RFC 9051 §2.3.2 */
export function expectFlag(reader: Reader): string {
  const backslash = tryChar(reader, '\\') ? '\\' : ''
  return backslash + expectAtom(reader)
}

export function tryFlagList(reader: Reader): readonly string[] | undefined {
  return reader.peek() === 0x28 ? expectList(reader, expectFlag, { empty: true }) : undefined
}
