/** Which emails fit a filter: by columns, then by the search index, then by reading what the index leaves open. */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { TextTerm } from '#formats/search/term.ts'
import type { Account } from '#mail/account.ts'
import { goneState } from '#mail/search-index.ts'
import type { Filter } from '../filter.ts'
import { maxSearchTerms } from '../limits.ts'
import { MethodFault } from '../method.ts'
import type { Asking, EmailCondition, Truth } from './condition.ts'

/** Emails looked at before others get their turn */
const sliceEmails = 20_000

type Compiled = { readonly filter: Filter<EmailCondition>; readonly terms: readonly TextTerm[] }
/** What is known of term number t for an email */
type TermTruth = (term: number) => Truth

/** Indexes in the columns, ascending. */
export async function findEmails(
  account: Account,
  filter: Filter<EmailCondition> | undefined,
  asking: Asking,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const { length } = asking.columns
  const all = new Uint32Array(length)
  for (let index = 0; index < length; index++) all[index] = index
  if (!filter) return all
  const compiled = { filter, terms: termsOf(filter) }
  if (compiled.terms.length > maxSearchTerms)
    throw new MethodFault('unsupportedFilter', `More than ${maxSearchTerms} words are looked for`)
  const first = await sift(all, compiled, asking, () => () => 2, signal)
  if (first.open.length === 0) return first.found
  const narrowed = await account.narrow(compiled.terms, idsOf(first.open, asking))
  const second = await sift(first.open, compiled, asking, at => term => truth(narrowed[term]?.[at]), signal)
  if (second.open.length === 0) return merged(first.found, second.found)
  const read = await account.readTerms(compiled.terms, idsOf(second.open, asking), signal)
  const gone = (at: number) => read[0]?.[at] === goneState
  const third = await sift(second.open, compiled, asking, at => term => truth(read[term]?.[at]), signal, gone)
  return merged(merged(first.found, second.found), third.found)
}

/** goneState counts as no match: whoever is gone is in no answer, see `gone`. */
function truth(state: number | undefined): Truth {
  return state === 1 || state === 2 ? state : 0
}

async function sift(
  among: Uint32Array,
  { filter, terms }: Compiled,
  asking: Asking,
  known: (at: number) => TermTruth,
  signal: AbortSignal,
  gone?: (at: number) => boolean,
): Promise<{ readonly found: Uint32Array; readonly open: Uint32Array }> {
  const found: number[] = []
  const open: number[] = []
  const numbers = new Map(terms.map((term, index) => [term, index]))
  for (let at = 0; at < among.length; at++) {
    if (at % sliceEmails === sliceEmails - 1) {
      await nextTick()
      signal.throwIfAborted()
    }
    if (gone?.(at)) continue
    const index = among[at] ?? 0
    const result = evaluate(filter, condition => conditionTruth(condition, index, asking, known(at), numbers))
    if (result === 1) found.push(index)
    else if (result === 2) open.push(index)
  }
  return { found: Uint32Array.from(found), open: Uint32Array.from(open) }
}

function conditionTruth(
  { columns, terms }: EmailCondition,
  index: number,
  asking: Asking,
  known: TermTruth,
  numbers: ReadonlyMap<TextTerm, number>,
): Truth {
  for (const fits of columns) if (!fits(index, asking)) return 0
  let all: Truth = 1
  for (const term of terms) {
    const one = known(numbers.get(term) ?? -1)
    if (one === 0) return 0
    if (one === 2) all = 2
  }
  return all
}

/** Kleene's logic: what is not known decides nothing that is not decided without it. */
function evaluate(filter: Filter<EmailCondition>, test: (condition: EmailCondition) => Truth): Truth {
  if (filter.operator === undefined) return test(filter.condition)
  const decisive = filter.operator === 'AND' ? 0 : 1
  let result: Truth = filter.operator === 'AND' ? 1 : 0
  for (const one of filter.filters) {
    const each = evaluate(one, test)
    if (each === decisive) {
      result = decisive
      break
    }
    if (each === 2) result = 2
  }
  if (filter.operator !== 'NOT' || result === 2) return result
  return result === 1 ? 0 : 1
}

function termsOf(filter: Filter<EmailCondition>): readonly TextTerm[] {
  return filter.operator === undefined ? filter.condition.terms : filter.filters.flatMap(termsOf)
}

function idsOf(indexes: Uint32Array, { columns }: Asking): Float64Array {
  return Float64Array.from(indexes, index => columns.ids[index] ?? 0)
}

function merged(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b
  const all = new Uint32Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return b.length === 0 ? a : all.sort()
}
