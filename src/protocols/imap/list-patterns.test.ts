import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { matchesPattern, namesMatching } from './list-patterns.ts'

const cases: readonly [pattern: string, name: string, matches: boolean][] = [
  ['*', 'a/b/c', true],
  ['%', 'a', true],
  ['%', 'a/b', false],
  ['a/%', 'a/b', true],
  ['a/%', 'a/b/c', false],
  ['a/%/c', 'a/b/c', true],
  ['*c', 'a/b/c', true],
  ['%*', 'a/b/c', true], // * swallows its neighbours
  ['a*b%', 'a/x/bc', true],
  ['a*b%', 'a/x/b/c', false],
  ['', '', true],
  ['abc', 'ab', false],
  ['ab', 'abc', false],
]
for (const [pattern, name, matches] of cases)
  test(`${pattern} ${matches ? 'matches' : 'does not match'} ${name}`, () =>
    assert.equal(matchesPattern(pattern, name), matches))

test('a hostile pattern takes no time', () => {
  const started = performance.now()
  assert.equal(matchesPattern('*a'.repeat(500), `${'a'.repeat(499)}b`), false)
  assert.ok(performance.now() - started < 500)
})

test('a thousand names against many patterns of wildcards alone, in steps', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `N/${at}`)
  const started = performance.now()
  const steps = namesMatching(['INBOX', ...names], Array<string>(50).fill('%'.repeat(600)))
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  assert.deepEqual([...step.value], ['INBOX'])
  assert.ok(performance.now() - started < 500)
})

test('long patterns are matched in steps', () => {
  const names = Array.from({ length: 300 }, (_, at) => `${'ab'.repeat(200)}${at}`)
  let pauses = 0
  const steps = namesMatching(names, [`${'%a%b%'.repeat(100)}x`, '*x*'.repeat(100), '*b%7'])
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) pauses++
  assert.equal(step.value.size, names.filter(name => name.endsWith('7')).length)
  assert.ok(pauses > 100, `${pauses} pauses`)
})

/** As RFC 9051 §6.3.9 says it, by trying everything. */
function means(pattern: string, name: string): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return name === ''
  const after = rest.join('')
  if (first !== '*' && first !== '%') return name.startsWith(first) && means(after, name.slice(1))
  for (let at = 0; at <= name.length; at++) {
    if (means(after, name.slice(at))) return true
    if (first === '%' && name[at] === '/') return false
  }
  return false
}

test('any pattern means what it says', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '%'), maxLength: 8 })
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, name, (asked, one) => assert.equal(matchesPattern(asked, one), means(asked, one))),
    { numRuns: 5000 },
  )
})
