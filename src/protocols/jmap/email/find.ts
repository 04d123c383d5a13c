/** Which emails fit a filter: by columns, then by the search index, then by reading what the index leaves open. */
import type { Filter } from '#base/filter.ts'
import { setImmediate as nextTick } from 'node:timers/promises'
import type { TextTerm } from '#formats/search/term.ts'
import type { Account } from '#mail/account.ts'
import { goneState } from '#mail/search-index.ts'
import { maxSearchTerms } from '../limits.ts'
import { MethodFault } from '../method.ts'
import type { Asking, EmailCondition, Truth } from './condition.ts'

/** Emails looked at before others get their turn */
const sliceEmails = 20_000

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
  const terms = termsOf(filter)
  if (terms.length > maxSearchTerms)
    throw new MethodFault('unsupportedFilter', `More than ${maxSearchTerms} words are looked for`)
  const test = compile(filter, asking, new Map(terms.map((term, index) => [term, index])))
  const first = await sift(all, test, () => () => 2, signal)
  if (first.open.length === 0) return first.found
  const narrowed = await account.narrow(terms, idsOf(first.open, asking))
  const second = await sift(first.open, test, at => term => truth(narrowed[term]?.[at]), signal)
  if (second.open.length === 0) return merged(first.found, second.found)
  const read = await account.readTerms(terms, idsOf(second.open, asking), signal)
  const gone = (at: number) => read[0]?.[at] === goneState
  const third = await sift(second.open, test, at => term => truth(read[term]?.[at]), signal, gone)
  return merged(merged(first.found, second.found), third.found)
}

/** goneState counts as no match: whoever is gone is in no answer, see `gone`. */
function truth(state: number | undefined): Truth {
  return state === 1 || state === 2 ? state : 0
}

async function sift(
  among: Uint32Array,
  test: Test,
  known: (at: number) => TermTruth,
  signal: AbortSignal,
  gone?: (at: number) => boolean,
): Promise<{ readonly found: Uint32Array; readonly open: Uint32Array }> {
  const found = new Uint32Array(among.length)
  const open: number[] = []
  let count = 0
  for (let at = 0; at < among.length; at++) {
    if (at % sliceEmails === sliceEmails - 1) {
      await nextTick()
      signal.throwIfAborted()
    }
    if (gone?.(at)) continue
    const index = among[at] ?? 0
    const result = test(index, known(at))
    if (result === 1) found[count++] = index
    else if (result === 2) open.push(index)
  }
  return { found: found.subarray(0, count), open: Uint32Array.from(open) }
}

/** Of the email at this place in the columns */
type Test = (index: number, known: TermTruth) => Truth

function compile(filter: Filter<EmailCondition>, asking: Asking, numbers: ReadonlyMap<TextTerm, number>): Test {
  if (filter.operator === undefined) return compileCondition(filter.condition, asking, numbers)
  const tests = filter.filters.map(one => compile(one, asking, numbers))
  const decisive = filter.operator === 'AND' ? 0 : 1
  const isNot = filter.operator === 'NOT'
  // Kleene's logic: what is not known decides nothing that is not decided without it
  return (index, known) => {
    let result: Truth = decisive === 0 ? 1 : 0
    for (const test of tests) {
      const each = test(index, known)
      if (each === decisive) {
        result = decisive
        break
      }
      if (each === 2) result = 2
    }
    if (!isNot || result === 2) return result
    return result === 1 ? 0 : 1
  }
}

function compileCondition(
  { columns, terms }: EmailCondition,
  asking: Asking,
  numbers: ReadonlyMap<TextTerm, number>,
): Test {
  const tests = columns.map(make => make(asking))
  const wanted = terms.map(term => numbers.get(term) ?? -1)
  return (index, known) => {
    for (const fits of tests) if (!fits(index)) return 0
    let all: Truth = 1
    for (const term of wanted) {
      const one = known(term)
      if (one === 0) return 0
      if (one === 2) all = 2
    }
    return all
  }
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
