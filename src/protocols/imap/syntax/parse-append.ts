/** What brings messages: APPEND (RFC 9051 §6.3.12) and REPLACE (RFC 8508), both with CATENATE (RFC 4469). */
import { tryDateTime } from './date.ts'
import {
  expectAstring,
  expectChar,
  expectList,
  expectMessageLiteral,
  expectSpace,
  tryFlagList,
  trySpace,
  tryWord,
} from './grammar.ts'
import { appendMessageLimit, catenatedPartLimit, urlLimit } from './limits.ts'
import { expectNamed } from './parse-mailbox.ts'
import type { Reader } from './reader.ts'
import type { AppendMessage, CatenatedPart, Catenation, RequestNamed, Utf8Literal } from './request.ts'
import { expectSequenceNumber } from './sequence-set.ts'

/** APPEND with one message or several (RFC 3502). */
export function parseAppend(reader: Reader): RequestNamed<'APPEND'> {
  expectSpace(reader)
  const named = expectNamed(reader)
  const messages: AppendMessage[] = []
  let parts = 0
  expectSpace(reader)
  do {
    const message = expectAppendMessage(reader)
    messages.push(message)
    parts += partsOf(message)
    if (parts > catenatedPartLimit) reader.fail('Too many parts in one APPEND')
    if (messages.length > appendMessageLimit) reader.fail('Too many messages in one APPEND')
  } while (trySpace(reader) && !reader.atEnd)
  return { name: 'APPEND', ...named, messages }
}

function expectAppendMessage(reader: Reader): AppendMessage {
  const flags = tryFlagList(reader)
  if (flags) expectSpace(reader)
  const internalDate = tryDateTime(reader)
  if (internalDate !== undefined) expectSpace(reader)
  return { flags: flags ?? [], internalDate, message: expectContent(reader) }
}

function partsOf({ message }: AppendMessage): number {
  return message.kind === 'catenation' ? message.parts.length : 0
}

function expectContent(reader: Reader): AppendMessage['message'] {
  return tryCatenation(reader) ?? tryUtf8Literal(reader) ?? expectMessageLiteral(reader)
}

function tryUtf8Literal(reader: Reader): Utf8Literal | undefined {
  if (!tryWord(reader, 'UTF8')) return undefined
  expectSpace(reader)
  expectChar(reader, '(')
  const start = reader.position
  const literal = expectMessageLiteral(reader)
  if (!literal.binary) reader.fail('UTF8 brings a literal8', start)
  expectChar(reader, ')')
  return { kind: 'utf8', literal }
}

function tryCatenation(reader: Reader): Catenation | undefined {
  if (!tryWord(reader, 'CATENATE')) return undefined
  expectSpace(reader)
  return { kind: 'catenation', parts: expectList(reader, expectPart) }
}

function expectPart(reader: Reader): CatenatedPart {
  const inUtf8 = tryUtf8Literal(reader)
  if (inUtf8) return inUtf8
  const isText = tryWord(reader, 'TEXT')
  if (!isText && !tryWord(reader, 'URL')) reader.fail('Expected TEXT or URL')
  expectSpace(reader)
  if (isText) return { kind: 'text', literal: expectMessageLiteral(reader) }
  const start = reader.position
  const url = expectAstring(reader)
  return url.length <= urlLimit ? { kind: 'url', url } : reader.fail('The URL is too long', start)
}

/** RFC 8508 §5: one message, named by its number or UID, and one in its place */
export function parseReplace(reader: Reader, byUid: boolean): RequestNamed<'REPLACE'> {
  expectSpace(reader)
  const replaced = expectSequenceNumber(reader)
  expectSpace(reader)
  const named = expectNamed(reader)
  expectSpace(reader)
  return { name: 'REPLACE', byUid, replaced, ...named, message: expectAppendMessage(reader) }
}
