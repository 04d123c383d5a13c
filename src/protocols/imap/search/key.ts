/** SEARCH keys made ready. What they look for in texts is gathered as terms, which the search index and the letters answer. */
import { fold } from '#formats/search/fold.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { answeredFlag, deletedFlag, draftFlag, firstKeywordFlag, flaggedFlag, seenFlag } from '#mail/account.ts'
import type { IndexRange, SelectedMailbox } from '../selected-mailbox.ts'
import type { SearchDate, SearchFlag, SearchKey } from '../syntax/request.ts'

export type CompiledKey =
  | { readonly kind: 'all' | 'none' }
  /** All bits of `set`, none of `clear` */
  | { readonly kind: 'flags'; readonly set: number; readonly clear: number }
  | { readonly kind: 'ranges'; readonly ranges: readonly IndexRange[] }
  | { readonly kind: 'modSeq'; readonly least: number }
  | { readonly kind: 'larger' | 'smaller'; readonly sizeBytes: number }
  | { readonly kind: 'arrived' | 'sent'; readonly from: number; readonly to: number }
  /** Number of a term */
  | { readonly kind: 'term'; readonly term: number }
  | { readonly kind: 'not'; readonly of: CompiledKey }
  | { readonly kind: 'and' | 'or'; readonly of: readonly CompiledKey[] }

/** Adds what the key looks for to `terms`. */
export function compileKey(
  key: SearchKey,
  selected: SelectedMailbox,
  decode: (bytes: Uint8Array) => string,
  terms: TextTerm[],
): CompiledKey {
  if ('text' in key) return { kind: 'term', term: terms.push(termOf(key, fold(decode(key.text)))) - 1 }
  if ('of' in key) return combined(key, inner => compileKey(inner, selected, decode, terms))
  if ('set' in key) return { kind: 'ranges', ranges: selected.resolve(key.set, key.key === 'UID') }
  if ('keyword' in key) return keyword(key.key, key.keyword, selected.keywords)
  if ('day' in key) return dates[key.key](key.day)
  if ('sizeBytes' in key) return { kind: key.key === 'LARGER' ? 'larger' : 'smaller', sizeBytes: key.sizeBytes }
  if ('modSeq' in key) return { kind: 'modSeq', least: key.modSeq }
  return states[key.key]
}

function termOf(key: Extract<SearchKey, { text: Uint8Array }>, text: string): TextTerm {
  if (key.key === 'BODY') return { in: 'body', text }
  if (key.key === 'TEXT') return { in: 'text', text }
  return { in: 'header', field: (key.key === 'HEADER' ? key.field : key.key).toLowerCase(), text }
}

function combined(
  key: Extract<SearchKey, { key: 'NOT' | 'OR' | 'AND' }>,
  compile: (inner: SearchKey) => CompiledKey,
): CompiledKey {
  if (key.key === 'NOT') return { kind: 'not', of: compile(key.of) }
  return { kind: key.key === 'OR' ? 'or' : 'and', of: key.of.map(compile) }
}

const states: Readonly<Record<SearchFlag | 'ALL' | 'NEW' | 'OLD' | 'RECENT', CompiledKey>> = {
  // \Recent is not kept: every message is old (RFC 3501 §6.4.4)
  ALL: { kind: 'all' },
  OLD: { kind: 'all' },
  NEW: { kind: 'none' },
  RECENT: { kind: 'none' },
  ANSWERED: flags(answeredFlag, 0),
  DELETED: flags(deletedFlag, 0),
  DRAFT: flags(draftFlag, 0),
  FLAGGED: flags(flaggedFlag, 0),
  SEEN: flags(seenFlag, 0),
  UNANSWERED: flags(0, answeredFlag),
  UNDELETED: flags(0, deletedFlag),
  UNDRAFT: flags(0, draftFlag),
  UNFLAGGED: flags(0, flaggedFlag),
  UNSEEN: flags(0, seenFlag),
}

/** Days from `from` up to and without `to`. */
const dates: Readonly<Record<SearchDate, (day: number) => CompiledKey>> = {
  BEFORE: day => ({ kind: 'arrived', from: -Infinity, to: day }),
  ON: day => ({ kind: 'arrived', from: day, to: day + 1 }),
  SINCE: day => ({ kind: 'arrived', from: day, to: Infinity }),
  SENTBEFORE: day => ({ kind: 'sent', from: -Infinity, to: day }),
  SENTON: day => ({ kind: 'sent', from: day, to: day + 1 }),
  SENTSINCE: day => ({ kind: 'sent', from: day, to: Infinity }),
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

/** Whether stored rows (dates, sizes) can decide something. */
export function needsRows(key: CompiledKey): boolean {
  if (key.kind === 'not') return needsRows(key.of)
  if (key.kind === 'and' || key.kind === 'or') return key.of.some(needsRows)
  return key.kind === 'larger' || key.kind === 'smaller' || key.kind === 'arrived' || key.kind === 'sent'
}
