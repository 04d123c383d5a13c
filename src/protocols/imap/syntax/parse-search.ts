/** Arguments of SEARCH, and of SORT and THREAD which begin with one. RFC 9051 §6.4.4, RFC 4731 §3.1, RFC 7162 §3.1.5 */
import { asciiText } from '#base/bytes.ts'
import {
  expectAsciiAstring,
  expectAstring,
  expectAtom,
  expectChar,
  expectList,
  expectName,
  expectNumber,
  expectNumber64,
  expectSpace,
  tryChar,
  tryQuoted,
  trySpace,
  tryWord,
} from './grammar.ts'
import { expectDate } from './date.ts'
import { listLimit, searchDepthLimit, searchKeyLimit, sortCriterionLimit } from './limits.ts'
import { expectSearchedMailboxes, type MailboxFilter } from './mailbox-filter.ts'
import type { Reader } from './reader.ts'
import { expectResultRange, type ResultRange } from './result-range.ts'
import {
  searchDates,
  searchFlags,
  searchReturns,
  searchSaveDates,
  searchTexts,
  sortKeys,
  threadAlgorithms,
  type FetchItem,
  type SearchKey,
  type SearchRequest,
  type SearchReturn,
  type ESearchRequest,
  type RequestNamed,
  type SortCriterion,
  type SortRequest,
  type ThreadRequest,
} from './request.ts'
import { expectFetchItem } from './parse-fetch.ts'
import { expectSequenceSet, trySequenceSet } from './sequence-set.ts'

export function parseSearch(reader: Reader, byUid: boolean): SearchRequest {
  expectSpace(reader)
  return { name: 'SEARCH', byUid, ...tryReturn(reader), ...expectProgram(reader) }
}

/** RFC 7377 §4. No scope option is defined. */
export function parseESearch(reader: Reader): ESearchRequest {
  expectSpace(reader)
  let sources: readonly MailboxFilter[] = [{ filter: 'SELECTED' }]
  if (tryWord(reader, 'IN')) {
    expectSpace(reader)
    sources = expectSearchedMailboxes(reader)
    expectSpace(reader)
  }
  const { give = ['ALL'], ...returned } = tryReturn(reader)
  return { name: 'ESEARCH', sources, give, ...returned, ...expectProgram(reader) }
}

/** search-program */
function expectProgram(reader: Reader): Pick<SearchRequest, 'charset' | 'key'> {
  let charset: string | undefined
  const start = reader.position
  if (tryWord(reader, 'CHARSET')) {
    // RFC 6855 §3: everything is UTF-8, and one charset more would contradict it
    if (reader.dialect.utf8Accept) reader.fail('No CHARSET after ENABLE UTF8=ACCEPT', start)
    expectSpace(reader)
    charset = expectAsciiAstring(reader)
    expectSpace(reader)
  }
  return { charset, key: expectSearchKeys(reader) }
}

/** RFC 5256 §5, RFC 5267 §3 */
export function parseSort(reader: Reader, byUid: boolean): SortRequest {
  expectSpace(reader)
  const returned = tryReturn(reader)
  const program = expectList(reader, expectSortCriterion)
  if (program.length > sortCriterionLimit) reader.fail('There are too many sort criteria')
  return { name: 'SORT', byUid, ...returned, program, ...expectCriteria(reader) }
}

function expectSortCriterion(reader: Reader): SortCriterion {
  const reverse = tryWord(reader, 'REVERSE')
  if (reverse) expectSpace(reader)
  const start = reader.position
  return { key: oneOf(sortKeys, expectName(reader)) ?? reader.fail('Unknown sort criterion', start), reverse }
}

/** RFC 5256 §5 */
export function parseThread(reader: Reader, byUid: boolean): ThreadRequest {
  expectSpace(reader)
  const start = reader.position
  const algorithm = oneOf(threadAlgorithms, expectName(reader)) ?? reader.fail('Unknown threading algorithm', start)
  return { name: 'THREAD', byUid, algorithm, ...expectCriteria(reader) }
}

/** RFC 5267 §5: the tags are quoted */
export function parseCancelUpdate(reader: Reader): RequestNamed<'CANCELUPDATE'> {
  const tags: string[] = []
  do {
    expectSpace(reader)
    const start = reader.position
    const tag = tryQuoted(reader) ?? reader.fail('Expected a quoted tag')
    if (tag.some(octet => octet > 0x7e)) reader.fail('Tags are ASCII', start)
    if (tags.length === listLimit) reader.fail('There are too many tags')
    tags.push(asciiText(tag))
  } while (reader.peek() === 0x20 && reader.peek(1) === 0x22)
  return { name: 'CANCELUPDATE', tags }
}

/** search-criteria: the charset is not optional. RFC 5256 §5 */
function expectCriteria(reader: Reader): { readonly charset: string; readonly key: SearchKey } {
  expectSpace(reader)
  const charset = expectAsciiAstring(reader)
  expectSpace(reader)
  return { charset, key: expectSearchKeys(reader) }
}

function expectSearchKeys(reader: Reader): SearchKey {
  const budget = { keys: searchKeyLimit }
  const of = [expectSearchKey(reader, 0, budget)]
  while (trySpace(reader)) {
    if (reader.atEnd) break
    of.push(expectSearchKey(reader, 0, budget))
  }
  return conjunction(of)
}

function conjunction(of: readonly SearchKey[]): SearchKey {
  const [only] = of
  return of.length === 1 && only ? only : { key: 'AND', of }
}

type Returned = Pick<SearchRequest, 'give' | 'partial' | 'updateItems'>

export function tryReturn(reader: Reader): Returned {
  if (!tryWord(reader, 'RETURN')) return { give: undefined, partial: undefined }
  expectSpace(reader)
  const give = new Set<SearchReturn>()
  let partial: ResultRange | undefined
  let updateItems: readonly FetchItem[] | undefined
  expectList(
    reader,
    () => {
      const start = reader.position
      const name = expectName(reader)
      // RFC 9394 §3.1: at most one PARTIAL, and no ALL beside it
      const twice = partial && (name === 'PARTIAL' || name === 'ALL')
      if (twice || (name === 'PARTIAL' && give.has('ALL'))) reader.fail('One PARTIAL, or ALL', start)
      if (name === 'PARTIAL') partial = argument(reader, expectResultRange)
      else give.add(oneOf(searchReturns, name) ?? reader.fail('Unknown RETURN option', start))
      if (name === 'UPDATE') updateItems = tryUpdateItems(reader) ?? updateItems
    },
    { empty: true },
  )
  expectSpace(reader)
  // RFC 4731 §3.1: an empty list means ALL
  return {
    give: give.size === 0 && !partial ? ['ALL'] : [...give],
    partial,
    ...(updateItems ? { updateItems } : {}),
  }
}

/** RFC 5465 §8: the space stands in the example of §7 and not in the grammar. */
function tryUpdateItems(reader: Reader): readonly FetchItem[] | undefined {
  const space = reader.peek() === 0x20 && reader.peek(1) === 0x28
  if (space) expectSpace(reader)
  return reader.peek() === 0x28 ? expectList(reader, expectFetchItem) : undefined
}

function oneOf<Word extends string>(words: readonly Word[], name: string): Word | undefined {
  return words.find(word => word === name)
}

type Budget = { keys: number }

function expectSearchKey(reader: Reader, depth: number, budget: Budget): SearchKey {
  if (depth > searchDepthLimit) reader.fail('The search is nested too deeply')
  budget.keys -= 1
  if (budget.keys < 0) reader.fail('The search has too many keys')
  const set = trySequenceSet(reader)
  if (set) return { key: 'SEQUENCE', set }
  if (tryChar(reader, '(')) return expectParenthesised(reader, depth, budget)
  const start = reader.position
  const name = expectName(reader)
  const simple = trySimpleKey(reader, name)
  if (simple) return simple
  switch (name) {
    case 'NOT':
    case 'FUZZY':
      expectSpace(reader)
      return { key: name, of: expectSearchKey(reader, depth + 1, budget) }
    case 'OR': {
      expectSpace(reader)
      const left = expectSearchKey(reader, depth + 1, budget)
      expectSpace(reader)
      return { key: 'OR', of: [left, expectSearchKey(reader, depth + 1, budget)] }
    }
    default:
      return reader.fail('Unknown search key', start)
  }
}

function expectParenthesised(reader: Reader, depth: number, budget: Budget): SearchKey {
  const of = [expectSearchKey(reader, depth + 1, budget)]
  while (trySpace(reader)) of.push(expectSearchKey(reader, depth + 1, budget))
  expectChar(reader, ')')
  return conjunction(of)
}

function trySimpleKey(reader: Reader, name: string): SearchKey | undefined {
  const flag = oneOf(searchFlags, name)
  if (flag) return { key: flag }
  const text = oneOf(searchTexts, name)
  if (text) return { key: text, text: argument(reader, expectAstring) }
  const date = oneOf(searchDates, name)
  if (date) return { key: date, day: argument(reader, expectDate) }
  const saved = oneOf(searchSaveDates, name)
  if (saved) return { key: saved, savedDay: argument(reader, expectDate) }
  switch (name) {
    case 'NEW':
    case 'OLD':
    case 'RECENT':
      // RFC 9051 has no \Recent
      return reader.dialect.rev2 ? undefined : { key: name }
    case 'ALL':
    case 'SAVEDATESUPPORTED':
      return { key: name }
    case 'KEYWORD':
    case 'UNKEYWORD':
      return { key: name, keyword: argument(reader, expectAtom) }
    case 'UID':
      return { key: name, set: argument(reader, expectSequenceSet) }
    case 'LARGER':
    case 'SMALLER':
      return { key: name, sizeBytes: argument(reader, expectNumber64) }
    case 'OLDER':
    case 'YOUNGER':
      return { key: name, seconds: argument(reader, expectInterval) }
    case 'HEADER':
      return { key: name, field: argument(reader, expectAsciiAstring), text: argument(reader, expectAstring) }
    case 'EMAILID':
    case 'THREADID':
      return { key: name, id: argument(reader, expectObjectId) }
    case 'MODSEQ':
      return { key: name, modSeq: argument(reader, expectSearchModSeq) }
    default:
      return undefined
  }
}

function argument<Value>(reader: Reader, expect: (reader: Reader) => Value): Value {
  expectSpace(reader)
  return expect(reader)
}

/** RFC 5032 §5: nz-number */
function expectInterval(reader: Reader): number {
  const start = reader.position
  return expectNumber(reader) || reader.fail('The interval is at least one second', start)
}

/** RFC 8474 §7 */
function expectObjectId(reader: Reader): string {
  const start = reader.position
  const id = expectAtom(reader)
  return /^[A-Za-z0-9_-]{1,255}$/.test(id) ? id : reader.fail('This is no object id', start)
}

/** `MODSEQ "/flags/\\draft" all 620162338`: our modseq is one per message, so the entry narrows nothing. RFC 7162 §3.1.5 */
function expectSearchModSeq(reader: Reader): number {
  if (tryQuoted(reader)) {
    expectSpace(reader)
    const start = reader.position
    if (!oneOf(['PRIV', 'SHARED', 'ALL'], expectName(reader))) reader.fail('Expected priv, shared or all', start)
    expectSpace(reader)
  }
  return expectNumber64(reader)
}
