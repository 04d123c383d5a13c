/** `* 12 FETCH (UID 5 FLAGS () BODY[] {3}…)`. RFC 9051 §7.5.2 */
import { asciiText } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { parseDateTime } from '../syntax/date.ts'
import { expectChar, expectNumber, expectNumber64, expectSpace, tryChar, tryQuoted } from '../syntax/grammar.ts'
import type { Reader } from '../syntax/reader.ts'
import { fetchItemLimit } from './limits.ts'
import { expectNested, expectWord, expectWords, skipSpaces, takeWord } from './parse-nested.ts'
import type { FetchedBody, FetchValues, Nested } from './response.ts'

type Draft = { -readonly [Key in keyof FetchValues]: FetchValues[Key] }

/** Most responses have only flags: they share these. */
const noBodies: readonly FetchedBody[] = []
const noOthers: ReadonlyMap<string, Nested> = new Map()

/** The parentheses and what is in them. */
export function expectFetchValues(reader: Reader): FetchValues {
  const values: Draft = {
    uid: undefined,
    flags: undefined,
    internalDate: undefined,
    sizeBytes: undefined,
    modSeq: undefined,
    emailId: undefined,
    threadId: undefined,
    envelope: undefined,
    bodyStructure: undefined,
    bodies: noBodies,
    others: noOthers,
  }
  expectChar(reader, '(')
  for (let items = 0; ; items += 1) {
    skipSpaces(reader)
    if (tryChar(reader, ')')) return values
    if (items >= fetchItemLimit) reader.fail('There are too many items')
    const name = takeWord(reader, openBracket).toUpperCase()
    if (name === '') reader.fail('Expected the name of an item')
    if (tryChar(reader, '[')) readSection(reader, name, values)
    else readItem(reader, name, values)
  }
}

const openBracket = 0x5b

function readItem(reader: Reader, name: string, values: Draft): void {
  expectSpace(reader)
  switch (name) {
    case 'UID':
      values.uid = expectNumber(reader)
      return
    case 'FLAGS':
      values.flags = expectWords(reader)
      return
    case 'INTERNALDATE':
      values.internalDate = parseDateTime(asciiText(tryQuoted(reader) ?? reader.fail('Expected a date')))
      return
    case 'RFC822.SIZE':
      values.sizeBytes = expectNumber64(reader)
      return
    case 'MODSEQ':
      values.modSeq = Number(onlyWord(reader))
      if (!Number.isSafeInteger(values.modSeq)) reader.fail('The modseq is no number')
      return
    case 'EMAILID':
      values.emailId = onlyWord(reader)
      return
    case 'THREADID':
      values.threadId = reader.peek() === 0x28 ? onlyWord(reader) : (expectWord(reader), undefined)
      return
    case 'ENVELOPE':
      values.envelope = expectNested(reader)
      return
    case 'BODY':
    case 'BODYSTRUCTURE':
      values.bodyStructure = expectNested(reader)
      return
    case 'RFC822':
    case 'RFC822.HEADER':
    case 'RFC822.TEXT':
      addBody(values, { section: name.slice(7), binary: false, offset: undefined, source: bodySource(reader) })
      return
    default:
      addOther(values, name, expectNested(reader))
  }
}

/** Behind the opening bracket: `1.TEXT]<0> {5}`. Header names may be quoted, with a bracket in them. */
function readSection(reader: Reader, name: string, values: Draft): void {
  const start = reader.position
  while (reader.peek() !== 0x5d) {
    if (reader.peek() === -1) reader.fail('The section has no end')
    if (!tryQuoted(reader)) reader.advance(1)
  }
  const section = asciiText(reader.since(start)).toUpperCase()
  reader.advance(1)
  let offset: number | undefined
  if (tryChar(reader, '<')) {
    offset = expectNumber64(reader)
    expectChar(reader, '>')
  }
  expectSpace(reader)
  if (name === 'BODY' || name === 'BINARY')
    addBody(values, { section, binary: name === 'BINARY', offset, source: bodySource(reader) })
  else addOther(values, `${name}[${section}]`, expectNested(reader))
}

function addBody(values: Draft, body: FetchedBody): void {
  values.bodies = [...values.bodies, body]
}

function addOther(values: Draft, name: string, value: Nested): void {
  values.others = new Map(values.others).set(name, value)
}

function bodySource(reader: Reader): MessageSource | undefined {
  const quoted = tryQuoted(reader)
  if (quoted) return memorySource(quoted)
  const literal = reader.takeLiteral()
  if (literal) return literal.kind === 'message' ? literal.source : memorySource(literal.bytes)
  return expectWord(reader).toUpperCase() === 'NIL' ? undefined : reader.fail('Expected a string or NIL')
}

/** `(word)` */
function onlyWord(reader: Reader): string {
  const [word, ...more] = expectWords(reader)
  return word === undefined || more.length > 0 ? reader.fail('Expected one word in parentheses') : word
}
