/** SEARCH keys made ready. What they look for in texts is gathered as terms, which the search index and the letters answer. */
import { fold } from '#formats/search/fold.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { answeredFlag, deletedFlag, draftFlag, firstKeywordFlag, flaggedFlag, seenFlag } from '#mail/account.ts'
import type { IndexRange, SelectedMailbox } from '../selected-mailbox.ts'
import type { SearchKey } from '../syntax/request.ts'

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
  const compile = (inner: SearchKey) => compileKey(inner, selected, decode, terms)
  const text = (bytes: Uint8Array) => fold(decode(bytes))
  const term = (wanted: TextTerm): CompiledKey => ({ kind: 'term', term: terms.push(wanted) - 1 })
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
      return term({ in: 'header', field: key.key.toLowerCase(), text: text(key.text) })
    case 'HEADER':
      return term({ in: 'header', field: key.field.toLowerCase(), text: text(key.text) })
    case 'BODY':
      return term({ in: 'body', text: text(key.text) })
    case 'TEXT':
      return term({ in: 'text', text: text(key.text) })
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

/** Whether stored rows (dates, sizes) can decide something. */
export function needsRows(key: CompiledKey): boolean {
  if (key.kind === 'not') return needsRows(key.of)
  if (key.kind === 'and' || key.kind === 'or') return key.of.some(needsRows)
  return key.kind === 'larger' || key.kind === 'smaller' || key.kind === 'arrived' || key.kind === 'sent'
}
