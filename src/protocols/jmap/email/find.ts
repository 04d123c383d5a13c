/** Which emails fit a filter: by columns, then by the search index, then by reading what the index leaves open. */
import type { Filter } from '#base/filter.ts'
import { setImmediate as nextTick } from 'node:timers/promises'
import type { TextTerm } from '#formats/search/term.ts'
import type { Account } from '#mail/account.ts'
import { goneState } from '#mail/search-index.ts'
import { maxSearchTerms } from '../limits.ts'
import { MethodFault } from '../method.ts'
import type { Asking, EmailCondition } from './condition.ts'

/** Emails looked at before others get their turn */
const sliceEmails = 20_000

/** What is known of term number t, for each of the emails that are looked at; undefined: nothing yet */
type Known = (term: number) => Uint8Array | undefined

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
  const first = await sift(all, test, () => undefined, signal)
  if (first.open.length === 0) return first.found
  const narrowed = await account.narrow(terms, idsOf(first.open, asking))
  const second = await sift(first.open, test, term => narrowed[term], signal)
  if (second.open.length === 0) return merged(first.found, second.found)
  const read = await account.readTerms(terms, idsOf(second.open, asking), signal)
  const third = await sift(second.open, test, term => read[term], signal, read[0])
  return merged(merged(first.found, second.found), third.found)
}

/** @param states where they say goneState an email is in no answer, whatever else is known */
async function sift(
  among: Uint32Array,
  test: Test,
  known: Known,
  signal: AbortSignal,
  states?: Uint8Array,
): Promise<{ readonly found: Uint32Array; readonly open: Uint32Array }> {
  const truths = new Uint8Array(among.length)
  let [founds, opens] = [0, 0]
  for (let from = 0; from < among.length; from += sliceEmails) {
    if (from > 0) await nextTick()
    signal.throwIfAborted()
    const slice = among.subarray(from, from + sliceEmails)
    truths.set(
      test(slice, term => known(term)?.subarray(from, from + sliceEmails)),
      from,
    )
    for (let at = from; at < from + slice.length; at++) {
      if (states?.[at] === goneState) truths[at] = 0
      if (truths[at] === 1) founds++
      else if (truths[at] === 2) opens++
    }
  }
  return { found: taken(among, truths, 1, founds), open: taken(among, truths, 2, opens) }
}

function taken(among: Uint32Array, truths: Uint8Array, truth: number, count: number): Uint32Array {
  if (count === among.length) return among
  const chosen = new Uint32Array(count)
  for (let at = 0, next = 0; next < count; at++) if (truths[at] === truth) chosen[next++] = among[at] ?? 0
  return chosen
}

/** A truth (false 0, true 1, not known yet 2: as formats/search/segment.ts has them) for each of these places in the columns. Condition by condition, not email by email: a hundred thousand are looked at. */
type Test = (among: Uint32Array, known: Known) => Uint8Array

/** Kleene's logic, at three times one truth and the other: what is not known decides nothing that is not decided without it */
const both = Uint8Array.of(0, 0, 0, 0, 1, 2, 0, 2, 2)
const either = Uint8Array.of(0, 1, 2, 1, 1, 1, 2, 1, 2)
const opposite = Uint8Array.of(1, 0, 2)

function compile(filter: Filter<EmailCondition>, asking: Asking, numbers: ReadonlyMap<TextTerm, number>): Test {
  if (filter.operator === undefined) return compileCondition(filter.condition, asking, numbers)
  const tests = filter.filters.map(one => compile(one, asking, numbers))
  const joined = filter.operator === 'AND' ? both : either
  const isNot = filter.operator === 'NOT'
  return (among, known) => {
    const truths = new Uint8Array(among.length).fill(joined === both ? 1 : 0)
    for (const test of tests) {
      const each = test(among, known)
      for (let at = 0; at < truths.length; at++) truths[at] = joined[3 * (truths[at] ?? 0) + (each[at] ?? 0)] ?? 0
    }
    if (isNot) for (let at = 0; at < truths.length; at++) truths[at] = opposite[truths[at] ?? 0] ?? 0
    return truths
  }
}

function compileCondition(
  { columns, terms }: EmailCondition,
  asking: Asking,
  numbers: ReadonlyMap<TextTerm, number>,
): Test {
  const tests = columns.map(make => make(asking))
  const wanted = terms.map(term => numbers.get(term) ?? -1)
  return (among, known) => {
    const truths = new Uint8Array(among.length).fill(1)
    for (const fits of tests)
      for (let at = 0; at < truths.length; at++) if (truths[at] !== 0 && !fits(among[at] ?? 0)) truths[at] = 0
    for (const term of wanted) {
      const states = known(term)
      // a state that is neither 1 nor 2 is no match
      for (let at = 0; at < truths.length; at++) {
        const state = states === undefined ? 2 : (states[at] ?? 0)
        truths[at] = both[3 * (truths[at] ?? 0) + (state > 2 ? 0 : state)] ?? 0
      }
    }
    return truths
  }
}

function termsOf(filter: Filter<EmailCondition>): readonly TextTerm[] {
  return filter.operator === undefined ? filter.condition.terms : filter.filters.flatMap(termsOf)
}

function idsOf(indexes: Uint32Array, { columns }: Asking): Float64Array {
  const ids = new Float64Array(indexes.length)
  for (let at = 0; at < ids.length; at++) ids[at] = columns.ids[indexes[at] ?? 0] ?? 0
  return ids
}

function merged(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b
  const all = new Uint32Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return b.length === 0 ? a : all.sort()
}
