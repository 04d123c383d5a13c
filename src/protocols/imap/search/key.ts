/** SEARCH keys made ready. What they ask about letters is gathered as terms, which the search index and the letters answer. */
import { fold } from '#formats/search/fold.ts'
import type { FactTerm } from '#formats/search/facts.ts'
import type { SearchTerm, TextTerm } from '#formats/search/term.ts'
import { answeredFlag, deletedFlag, draftFlag, firstKeywordFlag, flaggedFlag, seenFlag } from '#mail/account.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { fuzzyWords, stemOf } from './fuzzy.ts'
import type { IndexRange, SelectedMailbox } from '../selected-mailbox.ts'
import type { SearchDate, SearchFlag, SearchKey, SearchSaveDate } from '../syntax/request.ts'

export type CompiledKey =
  | { readonly kind: 'all' | 'none' }
  /** All bits of `set`, none of `clear` */
  | { readonly kind: 'flags'; readonly set: number; readonly clear: number }
  | { readonly kind: 'ranges'; readonly ranges: readonly IndexRange[] }
  | { readonly kind: 'modSeq'; readonly least: number }
  /** Came into the mailbox from `from` up to and without `to`, milliseconds */
  | { readonly kind: 'saved'; readonly from: number; readonly to: number }
  /** Internal date, the same way */
  | { readonly kind: 'arrived'; readonly from: number; readonly to: number }
  /** One of these emails */
  | { readonly kind: 'emails'; readonly emails: ReadonlySet<number> }
  /** Number of a term */
  | { readonly kind: 'term'; readonly term: number }
  | { readonly kind: 'not'; readonly of: CompiledKey }
  | { readonly kind: 'and' | 'or'; readonly of: readonly CompiledKey[] }

/** The emails of each thread that the key names by its id. */
export type Threads = ReadonlyMap<string, ReadonlySet<number>>

export type KeyScope = {
  readonly selected: SelectedMailbox
  readonly decode: (bytes: Uint8Array) => string
  /** What the key looks for is added here */
  readonly terms: SearchTerm[]
  readonly threads: Threads
}

export function compileKey(key: SearchKey, scope: KeyScope, fuzzy = false): CompiledKey {
  const { selected, decode, terms, threads } = scope
  const term = (wanted: SearchTerm): CompiledKey => ({ kind: 'term', term: terms.push(wanted) - 1 })
  if ('text' in key && fuzzy)
    return { kind: 'and', of: fuzzyWords(decode(key.text)).map(word => term(termOf(key, stemOf(word)))) }
  if ('text' in key) return term(termOf(key, fold(decode(key.text))))
  if (key.key === 'FUZZY') return compileKey(key.of, scope, true)
  // what is not to be there is looked for as it stands: FUZZY finds more, never less
  if ('of' in key) return combined(key, inner => compileKey(inner, scope, fuzzy && key.key !== 'NOT'))
  if ('set' in key) return { kind: 'ranges', ranges: selected.resolve(key.set, key.key === 'UID', { beyond: true }) }
  if ('keyword' in key) return keyword(key.key, key.keyword, selected.keywords)
  if ('day' in key) return term(dates[key.key](key.day))
  if ('savedDay' in key) return { kind: 'saved', ...saveDates[key.key](key.savedDay * dayMs) }
  if ('seconds' in key)
    return { kind: 'arrived', ...ages[key.key]((Math.floor(Date.now() / 1000) - key.seconds) * 1000) }
  if ('sizeBytes' in key) return term(sizes[key.key](key.sizeBytes))
  if ('id' in key) return { kind: 'emails', emails: emailsNamed(key, threads) }
  if ('modSeq' in key) return { kind: 'modSeq', least: key.modSeq }
  return states[key.key]
}

/** An id that was never given out names nothing, and is no error. RFC 8474 §6 */
function emailsNamed(key: Extract<SearchKey, { id: string }>, threads: Threads): ReadonlySet<number> {
  if (key.key === 'THREADID') return threads.get(key.id) ?? new Set()
  const id = readEmailId(key.id)
  return new Set(id === undefined ? [] : [id])
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

const states: Readonly<Record<SearchFlag | 'ALL' | 'NEW' | 'OLD' | 'RECENT' | 'SAVEDATESUPPORTED', CompiledKey>> = {
  // \Recent is not kept: every message is old (RFC 3501 §6.4.4)
  ALL: { kind: 'all' },
  OLD: { kind: 'all' },
  // every mailbox keeps it (RFC 8514 §4.3)
  SAVEDATESUPPORTED: { kind: 'all' },
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

const sizes: Readonly<Record<'LARGER' | 'SMALLER', (sizeBytes: number) => FactTerm>> = {
  LARGER: sizeBytes => ({ in: 'size', from: sizeBytes + 1, to: Infinity }),
  SMALLER: sizeBytes => ({ in: 'size', from: 0, to: sizeBytes }),
}

/** Days from `from` up to and without `to`. */
const dates: Readonly<Record<SearchDate, (day: number) => FactTerm>> = {
  BEFORE: day => ({ in: 'arrived', from: -Infinity, to: day }),
  ON: day => ({ in: 'arrived', from: day, to: day + 1 }),
  SINCE: day => ({ in: 'arrived', from: day, to: Infinity }),
  SENTBEFORE: day => ({ in: 'sent', from: -Infinity, to: day }),
  SENTON: day => ({ in: 'sent', from: day, to: day + 1 }),
  SENTSINCE: day => ({ in: 'sent', from: day, to: Infinity }),
}

const dayMs = 86_400_000

/** By the start of the day, in UTC. RFC 8514 §4.3 */
const saveDates: Readonly<Record<SearchSaveDate, (startMs: number) => { from: number; to: number }>> = {
  SAVEDBEFORE: startMs => ({ from: -Infinity, to: startMs }),
  SAVEDON: startMs => ({ from: startMs, to: startMs + dayMs }),
  SAVEDSINCE: startMs => ({ from: startMs, to: Infinity }),
}

/** Both hold in the very second; times are compared in whole seconds. RFC 5032 §2 */
const ages: Readonly<Record<'OLDER' | 'YOUNGER', (momentMs: number) => { from: number; to: number }>> = {
  OLDER: momentMs => ({ from: -Infinity, to: momentMs + 1000 }),
  YOUNGER: momentMs => ({ from: momentMs, to: Infinity }),
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
