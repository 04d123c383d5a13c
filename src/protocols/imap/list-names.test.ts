import assert from 'node:assert/strict'
import test from 'node:test'
import { matchesPattern } from './list-names.ts'

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
