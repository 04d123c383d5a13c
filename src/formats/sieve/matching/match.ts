/** Values against keys: RFC 5228 §2.7, RFC 5231 §4, draft-ietf-sieve-regex. `:list` asks the surroundings and stands elsewhere. */
import type { Match, Relation } from '../program.ts'
import type { Budget, Work } from './budget.ts'
import { compare, keyFor } from './comparators.ts'
import { compileRegex, type Regex, runRegex } from './regex.ts'
import { matchWildcards } from './wildcard.ts'

/** Any value matches any key. `captured` gets what `:matches` and `:regex` took, of the first pair that matches. RFC 5229 §3.2 */
export function* matchAny(
  match: Match,
  values: readonly string[],
  keys: readonly string[],
  budget: Budget,
  captured: (groups: readonly string[]) => void,
): Work<boolean> {
  switch (match.type) {
    case 'count':
      // the number of values as a decimal text
      budget.spend(keys.length)
      return keys.some(key => holds(match.relation, compare(match.comparator, String(values.length), key)))
    case 'value':
      return yield* anyPair(values, keys, budget, (value, key) =>
        holds(match.relation, compare(match.comparator, value, key)),
      )
    case 'is':
    case 'contains':
      return yield* compareKeys(match, values, keys, budget)
    case 'matches':
      return yield* anyPair(values, keys, budget, function* (value, key) {
        return taken(yield* matchWildcards(key, value, match.comparator, budget), captured)
      })
    case 'regex':
      return yield* matchRegex(match, values, keys, budget, captured)
    case 'list':
      return false
  }
}

function* compareKeys(match: Match, values: readonly string[], keys: readonly string[], budget: Budget): Work<boolean> {
  const keyOf = keyFor(match.comparator)
  const folded = keys.map(keyOf)
  budget.spend(keys.length)
  for (const value of values) {
    const text = keyOf(value)
    budget.spend(1 + text.length / 16)
    for (const key of folded) {
      budget.spend(1 + (match.type === 'is' ? 0 : text.length / 64))
      if (match.type === 'is' ? text === key : text.includes(key)) return true
    }
    if (budget.pauseDue) yield
  }
  return false
}

function* matchRegex(
  match: Match,
  values: readonly string[],
  keys: readonly string[],
  budget: Budget,
  captured: (groups: readonly string[]) => void,
): Work<boolean> {
  const compiled = keys.map(key => {
    budget.spend(1 + key.length)
    return compileRegex(key)
  })
  for (const value of values)
    for (const regex of compiled)
      if (isRegex(regex) && taken(yield* runRegex(regex, value, match.comparator, budget), captured)) return true
  return false
}

function isRegex(regex: ReturnType<typeof compileRegex>): regex is Regex {
  return 'states' in regex
}

function taken(groups: readonly string[] | undefined, captured: (groups: readonly string[]) => void): boolean {
  if (!groups) return false
  captured(groups)
  return true
}

function* anyPair(
  values: readonly string[],
  keys: readonly string[],
  budget: Budget,
  test: (value: string, key: string) => boolean | Work<boolean>,
): Work<boolean> {
  for (const value of values)
    for (const key of keys) {
      budget.spend(1 + (value.length + key.length) / 16)
      const result = test(value, key)
      if (typeof result === 'boolean' ? result : yield* result) return true
      if (budget.pauseDue) yield
    }
  return false
}

export function holds(relation: Relation, order: number): boolean {
  switch (relation) {
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
  }
}
