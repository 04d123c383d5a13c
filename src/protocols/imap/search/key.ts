/** SEARCH keys made ready, and their three-valued evaluation: undefined means that what is known does not decide. */
import {
  answeredFlag,
  deletedFlag,
  draftFlag,
  firstKeywordFlag,
  flaggedFlag,
  seenFlag,
  type EmailRow,
  type MailboxView,
} from '#mail/account.ts'
import { contains, type IndexRange, type SelectedMailbox } from '../selected-mailbox.ts'
import type { SearchKey } from '../syntax/request.ts'
import { fold } from './fold.ts'
import type { HeaderText } from './message-texts.ts'
import { sentDay } from './sent-day.ts'

export type Known = {
  readonly view: MailboxView
  readonly index: number
  readonly row?: EmailRow
  readonly header?: HeaderText
  /** Folded text of all parts that hold text */
  readonly body?: readonly string[]
}

export type CompiledKey =
  | { readonly kind: 'all' | 'none' }
  /** All bits of `set`, none of `clear` */
  | { readonly kind: 'flags'; readonly set: number; readonly clear: number }
  | { readonly kind: 'ranges'; readonly ranges: readonly IndexRange[] }
  | { readonly kind: 'modSeq'; readonly least: number }
  | { readonly kind: 'larger' | 'smaller'; readonly sizeBytes: number }
  | { readonly kind: 'arrived' | 'sent'; readonly from: number; readonly to: number }
  | { readonly kind: 'header'; readonly field: string; readonly text: string }
  | { readonly kind: 'body' | 'text'; readonly text: string }
  | { readonly kind: 'not'; readonly of: CompiledKey }
  | { readonly kind: 'and' | 'or'; readonly of: readonly CompiledKey[] }

const dayMs = 86_400_000

export function compileKey(
  key: SearchKey,
  selected: SelectedMailbox,
  decode: (bytes: Uint8Array) => string,
): CompiledKey {
  const compile = (inner: SearchKey) => compileKey(inner, selected, decode)
  const text = (bytes: Uint8Array) => fold(decode(bytes))
  switch (key.key) {
    // \Recent is not kept: every message is old (RFC 3501 §6.4.4)
    case 'ALL':
    case 'OLD':
      return { kind: 'all' }
    case 'NEW':
    case 'RECENT':
      return { kind: 'none' }
    case 'ANSWERED':
      return flags(answeredFlag, 0)
    case 'DELETED':
      return flags(deletedFlag, 0)
    case 'DRAFT':
      return flags(draftFlag, 0)
    case 'FLAGGED':
      return flags(flaggedFlag, 0)
    case 'SEEN':
      return flags(seenFlag, 0)
    case 'UNANSWERED':
      return flags(0, answeredFlag)
    case 'UNDELETED':
      return flags(0, deletedFlag)
    case 'UNDRAFT':
      return flags(0, draftFlag)
    case 'UNFLAGGED':
      return flags(0, flaggedFlag)
    case 'UNSEEN':
      return flags(0, seenFlag)
    case 'KEYWORD':
    case 'UNKEYWORD':
      return keyword(key.key, key.keyword, selected.keywords)
    case 'SEQUENCE':
      return { kind: 'ranges', ranges: selected.resolve(key.set, false) }
    case 'UID':
      return { kind: 'ranges', ranges: selected.resolve(key.set, true) }
    case 'MODSEQ':
      return { kind: 'modSeq', least: key.modSeq }
    case 'LARGER':
      return { kind: 'larger', sizeBytes: key.sizeBytes }
    case 'SMALLER':
      return { kind: 'smaller', sizeBytes: key.sizeBytes }
    case 'BEFORE':
    case 'ON':
    case 'SINCE':
      return { kind: 'arrived', ...days(key.key, key.day) }
    case 'SENTBEFORE':
      return { kind: 'sent', ...days('BEFORE', key.day) }
    case 'SENTON':
      return { kind: 'sent', ...days('ON', key.day) }
    case 'SENTSINCE':
      return { kind: 'sent', ...days('SINCE', key.day) }
    case 'BCC':
    case 'CC':
    case 'FROM':
    case 'SUBJECT':
    case 'TO':
      return { kind: 'header', field: key.key.toLowerCase(), text: text(key.text) }
    case 'HEADER':
      return { kind: 'header', field: key.field.toLowerCase(), text: text(key.text) }
    case 'BODY':
      return { kind: 'body', text: text(key.text) }
    case 'TEXT':
      return { kind: 'text', text: text(key.text) }
    case 'NOT':
      return { kind: 'not', of: compile(key.of) }
    case 'OR':
      return { kind: 'or', of: key.of.map(compile) }
    case 'AND':
      return { kind: 'and', of: key.of.map(compile) }
    default:
      return key satisfies never
  }
}

function flags(set: number, clear: number): CompiledKey {
  return { kind: 'flags', set, clear }
}

function keyword(key: 'KEYWORD' | 'UNKEYWORD', name: string, keywords: readonly string[]): CompiledKey {
  const wanted = name.toLowerCase()
  const index = keywords.findIndex(known => known.toLowerCase() === wanted)
  if (index < 0) return { kind: key === 'KEYWORD' ? 'none' : 'all' }
  const bit = firstKeywordFlag << index
  return key === 'KEYWORD' ? flags(bit, 0) : flags(0, bit)
}

/** Days from `from` up to and without `to`. */
function days(key: 'BEFORE' | 'ON' | 'SINCE', day: number): { from: number; to: number } {
  if (key === 'BEFORE') return { from: -Infinity, to: day }
  return { from: day, to: key === 'ON' ? day + 1 : Infinity }
}

/** True, false, or undefined when what is known does not decide. */
export function evaluate(key: CompiledKey, known: Known): boolean | undefined {
  const { view, index, row, header, body } = known
  switch (key.kind) {
    case 'all':
      return true
    case 'none':
      return false
    case 'flags': {
      const packed = view.flags(index)
      return (packed & key.set) === key.set && (packed & key.clear) === 0
    }
    case 'ranges':
      return contains(key.ranges, index)
    case 'modSeq':
      return view.modSeqOf(index) >= key.least
    case 'larger':
      return row && row.sizeBytes > key.sizeBytes
    case 'smaller':
      return row && row.sizeBytes < key.sizeBytes
    case 'arrived':
      return row && isWithin(Math.floor(row.internalDate / dayMs), key)
    case 'sent':
      return row && isWithin(sentDay(row), key)
    case 'header':
      return header?.contains(key.field, key.text)
    case 'body':
      // RFC 9051 §6.4.4: the empty string is in every text
      return key.text === '' ? true : body?.some(part => part.includes(key.text))
    case 'text':
      if (key.text === '' || header?.whole.includes(key.text)) return true
      return body?.some(part => part.includes(key.text))
    case 'not': {
      const answer = evaluate(key.of, known)
      return answer === undefined ? undefined : !answer
    }
    case 'and':
    case 'or':
      return combine(key.kind === 'or', key.of, known)
    default:
      return key satisfies never
  }
}

function isWithin(day: number | undefined, { from, to }: { readonly from: number; readonly to: number }): boolean {
  return day !== undefined && day >= from && day < to
}

/** One member that equals `decisive` decides; otherwise an unknown member leaves it open. */
function combine(decisive: boolean, of: readonly CompiledKey[], known: Known): boolean | undefined {
  let result: boolean | undefined = !decisive
  for (const inner of of) {
    const answer = evaluate(inner, known)
    if (answer === decisive) return decisive
    if (answer === undefined) result = undefined
  }
  return result
}
