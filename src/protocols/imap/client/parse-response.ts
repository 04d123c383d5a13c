/** One response of a server, whole with its literals, to plain data. Pure; never throws. RFC 9051 §7 */
import { asciiText } from '#base/bytes.ts'
import type { RawRequest } from '../syntax/framing.ts'
import { expectAstring, expectChar, expectSpace, tryChar, tryNumber, tryQuoted } from '../syntax/grammar.ts'
import { decodeMailboxName } from '#formats/mailbox-name.ts'
import { Reader, Unparsable } from '../syntax/reader.ts'
import { numberOf, parseRanges, parseStatusText, words } from './parse-code.ts'
import { expectFetchValues } from './parse-fetch.ts'
import { expectNested, expectWord, expectWords, skipSpaces, takeRest, takeWord } from './parse-nested.ts'
import type { ExtendedSearch, ListedMailbox, Nested, ServerLine, UntaggedResponse } from './response.ts'

/** Of a response that is not understood */
const shownCharacters = 200

/** Undefined: it is neither tagged nor untagged nor a continuation, so nobody can know what follows. */
export function parseResponse(raw: RawRequest): ServerLine | undefined {
  const reader = new Reader(raw)
  try {
    return serverLine(reader)
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error
    const text = asciiText((raw.segments[0]?.line ?? new Uint8Array(0)).subarray(0, shownCharacters))
    return text.startsWith('* ') ? { kind: 'unparsed', text } : undefined
  }
}

function serverLine(reader: Reader): ServerLine {
  if (tryChar(reader, '+')) {
    tryChar(reader, ' ')
    return { kind: 'continuation', text: takeRest(reader) }
  }
  const tag = expectWord(reader)
  expectSpace(reader)
  if (tag === '*') return untagged(reader)
  const status = expectWord(reader).toUpperCase()
  if (status !== 'OK' && status !== 'NO' && status !== 'BAD') return reader.fail('Expected OK, NO or BAD')
  tryChar(reader, ' ')
  return { kind: 'tagged', tag, status, ...parseStatusText(takeRest(reader)) }
}

function untagged(reader: Reader): UntaggedResponse {
  const number = tryNumber(reader)
  if (number !== undefined) {
    expectSpace(reader)
    return numbered(reader, number, expectWord(reader).toUpperCase())
  }
  const name = expectWord(reader).toUpperCase()
  tryChar(reader, ' ')
  switch (name) {
    case 'OK':
    case 'NO':
    case 'BAD':
    case 'BYE':
    case 'PREAUTH':
      return { kind: 'status', status: name, ...parseStatusText(takeRest(reader)) }
    case 'CAPABILITY':
    case 'ENABLED':
      return { kind: name === 'ENABLED' ? 'enabled' : 'capability', names: words(takeRest(reader).toUpperCase()) }
    case 'FLAGS':
      return { kind: 'flags', flags: expectWords(reader) }
    case 'LIST':
    case 'LSUB':
      return listed(reader, name === 'LIST' ? 'list' : 'lsub')
    case 'STATUS':
      return mailboxStatus(reader)
    case 'SEARCH':
    case 'SORT':
      return found(reader, name === 'SEARCH' ? 'search' : 'sort')
    case 'ESEARCH':
      return extendedSearch(reader)
    case 'VANISHED': {
      const earlier = tryChar(reader, '(')
      if (earlier && takeWord(reader).toUpperCase() !== 'EARLIER') reader.fail('Expected EARLIER')
      if (earlier) expectChar(reader, ')')
      skipSpaces(reader)
      return { kind: 'vanished', earlier, uids: parseRanges(expectWord(reader)) ?? reader.fail('Expected UIDs') }
    }
    default:
      return { kind: 'other', name, text: takeRest(reader) }
  }
}

function numbered(reader: Reader, number: number, name: string): UntaggedResponse {
  switch (name) {
    case 'EXISTS':
    case 'RECENT':
    case 'EXPUNGE':
      return { kind: name === 'EXISTS' ? 'exists' : name === 'RECENT' ? 'recent' : 'expunge', number }
    case 'FETCH':
      expectSpace(reader)
      return { kind: 'fetch', message: number, values: expectFetchValues(reader) }
    default:
      return { kind: 'other', name, text: `${number} ${takeRest(reader)}` }
  }
}

function listed(reader: Reader, kind: ListedMailbox['kind']): ListedMailbox {
  const attributes = expectWords(reader)
  expectSpace(reader)
  const quoted = tryQuoted(reader)
  if (!quoted && expectWord(reader).toUpperCase() !== 'NIL') reader.fail('Expected a delimiter')
  const delimiter = quoted && quoted.length > 0 ? asciiText(quoted) : undefined
  expectSpace(reader)
  const name = expectMailbox(reader)
  const extended = tryChar(reader, ' ') && reader.peek() === 0x28 ? expectNested(reader) : undefined
  return { kind, attributes, delimiter, name, extended }
}

function expectMailbox(reader: Reader): string {
  return decodeMailboxName(expectAstring(reader)) ?? reader.fail('The mailbox name is not encoded as it should be')
}

function mailboxStatus(reader: Reader): UntaggedResponse {
  const mailbox = expectMailbox(reader)
  const items = new Map<string, Nested>()
  expectSpace(reader)
  expectChar(reader, '(')
  for (;;) {
    skipSpaces(reader)
    if (tryChar(reader, ')')) return { kind: 'mailbox-status', mailbox, items }
    const name = expectWord(reader).toUpperCase()
    expectSpace(reader)
    items.set(name, expectNested(reader))
  }
}

function found(reader: Reader, kind: 'search' | 'sort'): UntaggedResponse {
  const numbers: number[] = []
  for (;;) {
    skipSpaces(reader)
    const number = tryNumber(reader)
    if (number === undefined) break
    numbers.push(number)
  }
  const modSeq = reader.peek() === 0x28 ? expectWords(reader) : undefined
  if (modSeq && modSeq[0]?.toUpperCase() !== 'MODSEQ') reader.fail('Expected MODSEQ')
  if (!reader.atEnd) reader.fail('Expected numbers')
  return { kind, numbers, modSeq: modSeq && numberOf(modSeq[1] ?? '') }
}

/** RFC 4466 §2.6.2 */
function extendedSearch(reader: Reader): ExtendedSearch {
  let tag: string | undefined
  if (reader.peek() === 0x28) {
    const correlator = expectNested(reader)
    const [name, value] = Array.isArray(correlator) ? (correlator as readonly Nested[]) : []
    if (name === 'TAG') tag = value instanceof Uint8Array ? asciiText(value) : String(value)
  }
  let byUid = false
  const values = new Map<string, Nested>()
  for (;;) {
    skipSpaces(reader)
    if (reader.atEnd) break
    const name = expectWord(reader).toUpperCase()
    if (name === 'UID' && values.size === 0) byUid = true
    else {
      expectSpace(reader)
      values.set(name, expectNested(reader))
    }
  }
  return { kind: 'esearch', tag, byUid, ...known(values, reader), others: values }
}

/** Takes what has a name of its own out of `values`. */
function known(values: Map<string, Nested>, reader: Reader) {
  const take = (name: string): string | undefined => {
    const value = values.get(name)
    values.delete(name)
    if (value !== undefined && typeof value !== 'string') reader.fail(`${name} has no number`)
    return value
  }
  const number = (name: string) => {
    const text = take(name)
    return text === undefined ? undefined : (numberOf(text) ?? reader.fail(`${name} has no number`))
  }
  const all = take('ALL')
  return {
    min: number('MIN'),
    max: number('MAX'),
    count: number('COUNT'),
    modSeq: number('MODSEQ'),
    all: all === undefined ? undefined : (parseRanges(all) ?? reader.fail('ALL has no numbers')),
  }
}
