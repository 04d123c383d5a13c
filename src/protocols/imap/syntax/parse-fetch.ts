/** FETCH arguments. RFC 9051 §6.4.5, RFC 7162 §3.1.4 */
import { asciiText } from '#base/bytes.ts'
import {
  expectAstring,
  expectChar,
  expectList,
  expectName,
  expectNumber,
  expectNumber64,
  expectSpace,
  tryChar,
  trySpace,
  tryNumber,
  tryWord,
} from './grammar.ts'
import type { Reader } from './reader.ts'
import { expectResultRange, type ResultRange } from './result-range.ts'
import type { FetchItem, FetchRequest, Partial, Section, SectionText } from './request.ts'
import { expectSequenceSet } from './sequence-set.ts'

const macros: Record<string, readonly FetchItem[]> = {
  ALL: [{ item: 'FLAGS' }, { item: 'INTERNALDATE' }, { item: 'RFC822.SIZE' }, { item: 'ENVELOPE' }],
  FAST: [{ item: 'FLAGS' }, { item: 'INTERNALDATE' }, { item: 'RFC822.SIZE' }],
  FULL: [{ item: 'FLAGS' }, { item: 'INTERNALDATE' }, { item: 'RFC822.SIZE' }, { item: 'ENVELOPE' }, { item: 'BODY' }],
}

export function parseFetch(reader: Reader, byUid: boolean): FetchRequest {
  expectSpace(reader)
  const messages = expectSequenceSet(reader)
  expectSpace(reader)
  const items = expectFetchItems(reader)
  const modifiers = trySpace(reader)
    ? expectFetchModifiers(reader, byUid)
    : { changedSince: undefined, vanished: false, partial: undefined }
  return { name: 'FETCH', byUid, messages, items, ...modifiers }
}

function expectFetchItems(reader: Reader): readonly FetchItem[] {
  if (reader.peek() === 0x28) return expectList(reader, expectFetchItem)
  const start = reader.position
  const macro = macros[expectName(reader)]
  if (macro) return macro
  reader.rewind(start)
  return [expectFetchItem(reader)]
}

type FetchModifiers = Pick<FetchRequest, 'changedSince' | 'vanished' | 'partial'>

function expectFetchModifiers(reader: Reader, byUid: boolean): FetchModifiers {
  const start = reader.position
  let changedSince: number | undefined
  let vanished = false
  let partial: ResultRange | undefined
  expectList(reader, () => {
    if (tryWord(reader, 'VANISHED')) {
      vanished = true
      return
    }
    if (!partial && tryWord(reader, 'PARTIAL')) {
      expectSpace(reader)
      partial = expectResultRange(reader)
      return
    }
    if (!tryWord(reader, 'CHANGEDSINCE')) reader.fail('Unknown FETCH modifier')
    expectSpace(reader)
    changedSince = expectNumber64(reader)
  })
  // RFC 7162 §3.2.6
  if (vanished && !byUid) reader.fail('VANISHED is for UID FETCH only', start)
  if (vanished && changedSince === undefined) reader.fail('VANISHED needs CHANGEDSINCE', start)
  // RFC 9394 §3.3
  if (partial && !byUid) reader.fail('PARTIAL is for UID FETCH only', start)
  return { changedSince, vanished, partial }
}

export function expectFetchItem(reader: Reader): FetchItem {
  const start = reader.position
  const name = expectName(reader)
  switch (name) {
    case 'BODY':
      return reader.peek() === 0x5b ? expectBodySection(reader, false) : { item: 'BODY' }
    case 'BODY.PEEK':
      return expectBodySection(reader, true)
    case 'PREVIEW':
      return { item: name, lazy: tryLazy(reader) }
    case 'BINARY':
    case 'BINARY.PEEK': {
      const part = expectBinarySection(reader)
      return { item: 'BINARY[]', part, peek: name === 'BINARY.PEEK', partial: tryPartial(reader) }
    }
    case 'BINARY.SIZE':
      return { item: 'BINARY.SIZE[]', part: expectBinarySection(reader) }
    case 'FLAGS':
    case 'UID':
    case 'INTERNALDATE':
    case 'RFC822.SIZE':
    case 'ENVELOPE':
    case 'BODYSTRUCTURE':
    case 'MODSEQ':
    case 'EMAILID':
    case 'THREADID':
    case 'SAVEDATE':
    case 'RFC822':
    case 'RFC822.PEEK':
    case 'RFC822.HEADER':
    case 'RFC822.TEXT':
      return { item: name }
    default:
      return reader.fail('Unknown FETCH item', start)
  }
}

/** RFC 8970 §6. Parentheses after a lone PREVIEW may also be those of the FETCH modifiers. */
function tryLazy(reader: Reader): boolean {
  const start = reader.position
  if (!trySpace(reader) || !tryChar(reader, '(') || !tryWord(reader, 'LAZY')) {
    reader.rewind(start)
    return false
  }
  while (trySpace(reader)) if (!tryWord(reader, 'LAZY')) reader.fail('Unknown PREVIEW modifier')
  expectChar(reader, ')')
  return true
}

function expectBodySection(reader: Reader, peek: boolean): FetchItem {
  expectChar(reader, '[')
  const section = expectSection(reader)
  expectChar(reader, ']')
  return { item: 'BODY[]', section, peek, partial: tryPartial(reader) }
}

/** section-binary: only numbers, or nothing. RFC 9051 §9 */
function expectBinarySection(reader: Reader): readonly number[] {
  expectChar(reader, '[')
  const start = reader.position
  const { part, text } = expectSection(reader)
  if (text.kind !== 'ALL') reader.fail('Only a part number may stand here', start)
  expectChar(reader, ']')
  return part
}

export function expectSection(reader: Reader): Section {
  const part: number[] = []
  for (let number = tryNumber(reader); number !== undefined; number = tryNumber(reader)) {
    if (number === 0) reader.fail('Parts are counted from 1')
    if (part.length === 100) reader.fail('The part number is too long')
    part.push(number)
    if (!tryChar(reader, '.')) return { part, text: { kind: 'ALL' } }
  }
  return { part, text: expectSectionText(reader, part.length > 0) }
}

function expectSectionText(reader: Reader, ofPart: boolean): SectionText {
  if (!ofPart && reader.peek() === 0x5d) return { kind: 'ALL' }
  const start = reader.position
  const name = expectName(reader)
  switch (name) {
    case 'HEADER':
    case 'TEXT':
      return { kind: name }
    case 'MIME':
      return ofPart ? { kind: name } : reader.fail('MIME needs a part number', start)
    case 'HEADER.FIELDS':
    case 'HEADER.FIELDS.NOT':
      expectSpace(reader)
      return { kind: name, fields: expectList(reader, expectFieldName) }
    default:
      return reader.fail('Unknown section', start)
  }
}

function expectFieldName(reader: Reader): string {
  const start = reader.position
  const name = asciiText(expectAstring(reader))
  // ftext of RFC 5322 §3.6.8; the answer repeats the name, so nothing else may pass
  return /^[!-9;-~]+$/.test(name) ? name : reader.fail('This is no header field name', start)
}

function tryPartial(reader: Reader): Partial | undefined {
  if (!tryChar(reader, '<')) return undefined
  const offset = expectNumber64(reader)
  expectChar(reader, '.')
  const count = expectNumber(reader)
  if (count === 0) reader.fail('A partial fetch asks for at least one octet')
  expectChar(reader, '>')
  return { offset, count }
}
