/** Filters of every kind, for properties. */
import fc from 'fast-check'
import type { Action, Condition, Filter } from './filter.ts'
import { inOrder, oneLine } from './filter.ts'

const record = <Value>(model: { [Name in keyof Value]: fc.Arbitrary<Value[Name]> }): fc.Arbitrary<Value> =>
  fc.record(model, { noNullPrototype: true })

/** As a form keeps it: one line, trimmed, not empty */
const words = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('みどり町の会', 'a "b" \\c', 'x*?y', '#]', '/*', '${x}'),
  )
  .map(text => oneLine(text) || 'x')
const value = words
const listId = words.map(text => text.replaceAll(/[<>]/g, '') || 'x')
const test = fc.constantFrom('contains', 'notContains', 'is', 'isNot', 'begins' as const)
const amount = fc.integer({ min: 1, max: 5000 })
const unit = fc.constantFrom('K' as const, 'M' as const)
const mailbox = record({ id: fc.constantFrom(undefined, 'M1', 'M2'), name: words })

export const conditions: fc.Arbitrary<Condition> = fc.oneof(
  record({
    kind: fc.constantFrom('from' as const, 'to' as const),
    test: fc.oneof(test, fc.constant('domain' as const)),
    value,
  }),
  record({ kind: fc.constant('subject' as const), test, value }),
  record({ kind: fc.constant('list' as const), test, value: listId }),
  record({ kind: fc.constant('header' as const), name: fc.constantFrom('X-Priority', 'precedence'), test, value }),
  record({
    kind: fc.constant('body' as const),
    test: fc.constantFrom('contains' as const, 'notContains' as const),
    value,
  }),
  record({ kind: fc.constant('attachment' as const), test: fc.constantFrom('has' as const, 'hasNot' as const) }),
  record({
    kind: fc.constant('size' as const),
    test: fc.constantFrom('over' as const, 'under' as const),
    amount,
    unit,
  }),
) as fc.Arbitrary<Condition>

const actions: fc.Arbitrary<Action> = fc.oneof(
  record({ kind: fc.constant('label' as const), keyword: fc.constantFrom('work', '$Later') }),
  record({ kind: fc.constantFrom('star' as const, 'read' as const, 'neverJunk' as const, 'discard' as const) }),
  record({ kind: fc.constant('forward' as const), to: fc.constantFrom('taro@example.org', 'jiro@example.net') }),
  record({ kind: fc.constantFrom('copy' as const, 'move' as const), mailbox }),
)

export const filters: fc.Arbitrary<Filter> = record({
  name: fc.oneof(words, fc.constant('')),
  isOn: fc.boolean(),
  match: fc.constantFrom('all' as const, 'any' as const),
  conditions: fc.array(conditions, { maxLength: 4 }),
  actions: fc.array(actions, { maxLength: 4 }),
  stops: fc.boolean(),
}).map(filter => ({
  ...filter,
  match: filter.conditions.length === 0 ? 'all' : filter.match,
  actions: inOrder(filter.actions),
}))
