/** One whole request: tag, command, arguments. Pure; the exported door returns a problem instead of throwing. */
import { asciiText } from '#base/bytes.ts'
import { Unparsable, Reader } from './reader.ts'
import type { Dialect } from './dialect.ts'
import type { RawRequest } from './framing.ts'
import {
  expectAstring,
  expectAtom,
  expectEnd,
  expectFlag,
  expectList,
  expectName,
  expectNstring,
  expectNumber64,
  expectSpace,
  expectString,
  expectTag,
  tryChar,
  tryFlagList,
  trySpace,
  tryWord,
} from './grammar.ts'
import { idParameterLimit } from './limits.ts'
import {
  expectMailbox,
  expectNamed,
  parseCreate,
  parseEnable,
  parseList,
  parseLsub,
  parseRename,
  parseSelect,
  parseStatus,
} from './parse-mailbox.ts'
import { parseAppend, parseReplace } from './parse-append.ts'
import { parseFetch } from './parse-fetch.ts'
import { parseGetMetadata, parseSetMetadata } from './parse-metadata.ts'
import { parseNotify } from './parse-notify.ts'
import { parseQuota } from './parse-quota.ts'
import { parseCancelUpdate, parseESearch, parseSearch, parseSort, parseThread } from './parse-search.ts'
import type { IdParameter, Request, RequestNamed, StoreRequest, TaggedRequest } from './request.ts'
import { expectSequenceSet } from './sequence-set.ts'

/** What is wrong and where. `line` may hold a password: show it to nobody but the peer who sent it. */
export type SyntaxProblem = {
  readonly problem: string
  /** Known when the line began with one */
  readonly tag: string | undefined
  /** The line of the request in which it was found, counted by its literals, and the octet in it */
  readonly segment: number
  readonly position: number
  readonly line: Uint8Array
}

export function parseRequest(raw: RawRequest, dialect?: Dialect): TaggedRequest | SyntaxProblem {
  const reader = new Reader(raw, dialect)
  let tag: string | undefined
  try {
    tag = expectTag(reader)
    expectSpace(reader)
    const request = parseCommand(reader)
    expectEnd(reader)
    return { tag, request }
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error
    const line = raw.segments[error.segment]?.line ?? new Uint8Array()
    return { problem: error.message, tag, segment: error.segment, position: error.position, line }
  }
}

/** The line and under it a caret at the place. */
export function drawProblem(problem: SyntaxProblem): string {
  return `${asciiText(problem.line)}\n${' '.repeat(problem.position)}^ ${problem.problem}`
}

function parseCommand(reader: Reader): Request {
  const start = reader.position
  const name = expectName(reader)
  switch (name) {
    case 'CAPABILITY':
    case 'NOOP':
    case 'LOGOUT':
    case 'UNAUTHENTICATE':
    case 'STARTTLS':
    case 'NAMESPACE':
    case 'IDLE':
    case 'CHECK':
    case 'CLOSE':
    case 'UNSELECT':
      return { name }
    case 'COMPRESS':
      // RFC 4978 §3: there is no other algorithm
      expectSpace(reader)
      if (!tryWord(reader, 'DEFLATE')) reader.fail('Unknown compression')
      return { name }
    case 'AUTHENTICATE':
      return parseAuthenticate(reader)
    case 'LOGIN':
      return parseLogin(reader)
    case 'ID':
      return parseId(reader)
    case 'ENABLE':
      return parseEnable(reader)
    case 'SELECT':
    case 'EXAMINE':
      return parseSelect(reader, name)
    case 'CREATE':
      return parseCreate(reader)
    case 'DELETE':
      expectSpace(reader)
      return { name, ...expectNamed(reader) }
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      expectSpace(reader)
      return { name, mailbox: expectMailbox(reader) }
    case 'RENAME':
      return parseRename(reader)
    case 'LSUB':
      return parseLsub(reader)
    case 'LIST':
      return parseList(reader)
    case 'GETQUOTA':
    case 'GETQUOTAROOT':
    case 'SETQUOTA':
      return parseQuota(reader, name)
    case 'GETMETADATA':
      return parseGetMetadata(reader)
    case 'SETMETADATA':
      return parseSetMetadata(reader)
    case 'NOTIFY':
      return parseNotify(reader)
    case 'STATUS':
      return parseStatus(reader)
    case 'APPEND':
      return parseAppend(reader)
    case 'EXPUNGE':
      return { name, uids: undefined }
    case 'ESEARCH':
      return parseESearch(reader)
    case 'CANCELUPDATE':
      return parseCancelUpdate(reader)
    case 'UID':
      expectSpace(reader)
      return parseUidCommand(reader)
    default:
      return tryMessageCommand(reader, name, false) ?? reader.fail('Unknown command', start)
  }
}

function parseUidCommand(reader: Reader): Request {
  const start = reader.position
  const name = expectName(reader)
  if (name === 'EXPUNGE') {
    expectSpace(reader)
    return { name, uids: expectSequenceSet(reader) }
  }
  // RFC 7377 §2.1: by UID it is anyway, and its own example says so
  if (name === 'ESEARCH') return parseESearch(reader)
  return tryMessageCommand(reader, name, true) ?? reader.fail('This command has no UID form', start)
}

function tryMessageCommand(reader: Reader, name: string, byUid: boolean): Request | undefined {
  switch (name) {
    case 'FETCH':
      return parseFetch(reader, byUid)
    case 'SEARCH':
      return parseSearch(reader, byUid)
    case 'SORT':
      return parseSort(reader, byUid)
    case 'THREAD':
      return parseThread(reader, byUid)
    case 'STORE':
      return parseStore(reader, byUid)
    case 'REPLACE':
      return parseReplace(reader, byUid)
    case 'COPY':
    case 'MOVE': {
      expectSpace(reader)
      const messages = expectSequenceSet(reader)
      expectSpace(reader)
      return { name, byUid, messages, mailbox: expectMailbox(reader) }
    }
    default:
      return undefined
  }
}

function parseAuthenticate(reader: Reader): RequestNamed<'AUTHENTICATE'> {
  expectSpace(reader)
  const mechanism = expectAtom(reader).toUpperCase()
  let initial: Uint8Array | undefined
  if (trySpace(reader) && !reader.atEnd) {
    const start = reader.position
    while (reader.peek() >= 0x21) reader.advance(1)
    initial = decodeBase64(reader.since(start)) ?? reader.fail('The initial response is not base64', start)
  }
  return { name: 'AUTHENTICATE', mechanism, initial }
}

/** Strict base64; `=` alone is the empty string (RFC 4959 §3). Undefined when it is anything else. */
export function decodeBase64(bytes: Uint8Array): Uint8Array | undefined {
  const text = asciiText(bytes)
  if (text === '=') return new Uint8Array(0)
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return new Uint8Array(Buffer.from(text, 'base64'))
}

function parseLogin(reader: Reader): RequestNamed<'LOGIN'> {
  expectSpace(reader)
  const user = expectAstring(reader)
  expectSpace(reader)
  return { name: 'LOGIN', user, password: expectAstring(reader) }
}

function parseId(reader: Reader): RequestNamed<'ID'> {
  expectSpace(reader)
  if (tryWord(reader, 'NIL')) return { name: 'ID', parameters: undefined }
  const parameters: IdParameter[] = []
  const decoder = new TextDecoder()
  expectList(
    reader,
    () => {
      const field = decoder.decode(expectString(reader))
      expectSpace(reader)
      const value = expectNstring(reader)
      parameters.push({ field, value: value && decoder.decode(value) })
      if (parameters.length > idParameterLimit) reader.fail('Too many ID parameters')
    },
    { empty: true },
  )
  return { name: 'ID', parameters }
}

function parseStore(reader: Reader, byUid: boolean): StoreRequest {
  expectSpace(reader)
  const messages = expectSequenceSet(reader)
  expectSpace(reader)
  let unchangedSince: number | undefined
  if (reader.peek() === 0x28) {
    expectList(reader, () => {
      if (!tryWord(reader, 'UNCHANGEDSINCE')) reader.fail('Unknown STORE modifier')
      expectSpace(reader)
      unchangedSince = expectNumber64(reader)
    })
    expectSpace(reader)
  }
  const mode = tryChar(reader, '+') ? 'add' : tryChar(reader, '-') ? 'remove' : 'replace'
  const start = reader.position
  const item = expectName(reader)
  if (item !== 'FLAGS' && item !== 'FLAGS.SILENT') reader.fail('Only FLAGS can be stored', start)
  expectSpace(reader)
  const flags = tryFlagList(reader) ?? expectBareFlags(reader)
  return { name: 'STORE', byUid, messages, unchangedSince, mode, silent: item === 'FLAGS.SILENT', flags }
}

function expectBareFlags(reader: Reader): readonly string[] {
  const flags = [expectFlag(reader)]
  while (trySpace(reader) && !reader.atEnd) flags.push(expectFlag(reader))
  return flags
}
