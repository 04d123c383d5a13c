/** What brings messages: APPEND (RFC 9051 §6.3.12) and REPLACE (RFC 8508). */
import { tryDateTime } from './date.ts'
import { expectMessageLiteral, expectSpace, tryFlagList, trySpace } from './grammar.ts'
import { appendMessageLimit } from './limits.ts'
import { expectNamed } from './parse-mailbox.ts'
import type { Reader } from './reader.ts'
import type { AppendMessage, RequestNamed } from './request.ts'
import { expectSequenceNumber } from './sequence-set.ts'

/** APPEND with one message or several (RFC 3502). */
export function parseAppend(reader: Reader): RequestNamed<'APPEND'> {
  expectSpace(reader)
  const named = expectNamed(reader)
  const messages: AppendMessage[] = []
  expectSpace(reader)
  do {
    messages.push(expectAppendMessage(reader))
    if (messages.length > appendMessageLimit) reader.fail('Too many messages in one APPEND')
  } while (trySpace(reader) && !reader.atEnd)
  return { name: 'APPEND', ...named, messages }
}

function expectAppendMessage(reader: Reader): AppendMessage {
  const flags = tryFlagList(reader)
  if (flags) expectSpace(reader)
  const internalDate = tryDateTime(reader)
  if (internalDate !== undefined) expectSpace(reader)
  return { flags: flags ?? [], internalDate, message: expectMessageLiteral(reader) }
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
