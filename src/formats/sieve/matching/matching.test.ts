import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Comparator } from '../program.ts'
import { Budget, finish, OutOfBudget } from './budget.ts'
import { compare, keyFor } from './comparators.ts'
import { compileRegex, runRegex } from './regex.ts'
import { matchWildcards } from './wildcard.ts'

const budget = () => new Budget(1_000_000)

function regex(pattern: string, text: string, comparator: Comparator = 'i;octet'): readonly string[] | undefined {
  const compiled = compileRegex(pattern)
  assert.ok('states' in compiled, pattern)
  return finish(runRegex(compiled, text, comparator, budget()))
}

/** Pattern, text, whole match and groups; undefined for none */
const found: readonly (readonly [string, string, readonly string[] | undefined])[] = [
  ['abc', 'xabcx', ['abc']],
  ['^abc$', 'xabc', undefined],
  ['a|ab', 'ab', ['ab']], // the longest, not the first
  ['x*', 'aaa', ['']],
  ['(a*)(b*)', 'aabb', ['aabb', 'aa', 'bb']],
  ['(a|b)*c', 'ababc', ['ababc', 'b']],
  ['(x)?y', 'y', ['y', '']],
  ['a{2,3}', 'aaaa', ['aaa']],
  ['a{2}', 'a', undefined],
  ['a{0,1}b', 'b', ['b']],
  ['[[:alpha:]]+[0-9]{2}', '  ab12', ['ab12']],
  ['[]x]+', 'a]x]', [']x]']],
  ['[^]x]', ']xa', ['a']],
  ['[a-]+', '-a-', ['-a-']],
  ['[[.a.]-c]+', 'xabc', ['abc']],
  ['[[=a=]]', 'ba', ['a']],
  ['[\\]', 'a\\', ['\\']],
  ['\\.', 'a.b', ['.']],
  ['\\bfoo\\b', 'a foo b', ['foo']],
  ['\\bfoo\\b', 'afoo', undefined],
  ['\\w+\\s\\d+', 'ab 12', ['ab 12']],
  ['.', '😀', ['😀']],
  ['日本.', '日本語', ['日本語']],
  ['()', 'x', ['', '']],
  ['(^|,)b', 'a,b', [',b', ',']],
  ['a||b', 'b', ['b']],
  ['(a+)+$', 'aaaa', ['aaaa', 'aaaa']],
  ['((a)|b)+', 'ab', ['ab', 'b', 'a']],
]
for (const [pattern, text, groups] of found)
  test(`${pattern} in ${text}`, () => assert.deepEqual(regex(pattern, text), groups))

for (const pattern of [
  '(',
  ')',
  'a**(',
  '[a',
  '[[:none:]]',
  '[[.ab.]]',
  'a{',
  'a{x}',
  'a{3,2}',
  'a{300}',
  '*a',
  '+',
  '\\',
  '\\1',
  '[b-a]',
  '('.repeat(60) + ')'.repeat(60),
  '(a{200}){200}',
  'a' + '*'.repeat(100),
])
  test(`no regular expression: ${pattern.slice(0, 20)}`, () => {
    const compiled = compileRegex(pattern)
    assert.ok('mistake' in compiled)
    assert.match(compiled.mistake.ja, /[ぁ-ん]/)
  })

test('letters of either case, as the comparator says', () => {
  assert.equal(regex('ABC', 'abc'), undefined)
  assert.deepEqual(regex('ABC', 'abc', 'i;ascii-casemap'), ['abc'])
  assert.deepEqual(regex('[A-C]+', 'abc', 'i;ascii-casemap'), ['abc'])
  assert.equal(regex('É', 'é', 'i;ascii-casemap'), undefined)
  assert.deepEqual(regex('É', 'é', 'i;unicode-casemap'), ['é'])
  assert.equal(regex('[^a]', 'A', 'i;ascii-casemap'), undefined)
})

test('a regular expression finds where JavaScript finds, and no shorter a match', () => {
  const atom = fc.oneof(fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '^', '$', '\\b'), fc.constantFrom('c', 'aa'))
  const { pattern } = fc.letrec<{ pattern: string }>(tie => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => left + right),
      fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `(${left}|${right})`),
      fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{0,2}', '{2}'))
        .map(([inner, times]) => `(${inner})${times}`),
    ),
  }))
  fc.assert(
    fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 10 }), (source, text) => {
      const ours = regex(source, text)
      const theirs = new RegExp(source, 's').exec(text)
      assert.equal(ours === undefined, theirs === null)
      if (!ours || !theirs) return
      // the same start; there the longest of all that match as a whole
      const whole = ours[0] ?? ''
      assert.ok(text.startsWith(whole, theirs.index) && whole.length >= theirs[0].length)
      const later = theirs.index + whole.length + 1
      for (let end = later; end <= text.length; end++)
        assert.ok(
          !new RegExp(`(?<=^.{${theirs.index}})(?:${source})(?=.{${text.length - end}}$)(?<=^.{${end}})`, 's').test(
            text,
          ),
        )
    }),
    { numRuns: 3000 },
  )
})

test('time grows with text × expression and no faster', () => {
  const compiled = compileRegex('^(a+)+$')
  assert.ok('states' in compiled)
  assert.throws(() => finish(runRegex(compiled, `${'a'.repeat(1_000_000)}!`, 'i;octet', budget())), OutOfBudget)
  assert.deepEqual(finish(runRegex(compiled, `${'a'.repeat(20_000)}!`, 'i;octet', budget())), undefined)
})

const matched: readonly (readonly [string, string, readonly string[] | undefined])[] = [
  ['*', '', ['', '']],
  ['', '', ['']],
  ['', 'a', undefined],
  ['?', 'é', ['é', 'é']],
  ['*b*', 'abcb', ['abcb', 'a', 'cb']],
  ['*b', 'abcb', ['abcb', 'abc']],
  ['a?c*', 'abcd', ['abcd', 'b', 'd']],
  ['**', 'ab', ['ab', '', 'ab']],
  ['\\*\\?\\\\', '*?\\', ['*?\\']],
  ['a\\', 'a\\', ['a\\']],
  ['*aba*', 'ababa', ['ababa', '', 'ba']],
  ['ab*ba', 'aba', undefined],
  ['😀*', '😀x', ['😀x', 'x']],
]
for (const [pattern, text, taken] of matched)
  test(`:matches ${JSON.stringify(pattern)} ${text}`, () =>
    assert.deepEqual(finish(matchWildcards(pattern, text, 'i;octet', budget())), taken))

test(':matches takes what the shortest-first regular expression takes', () => {
  const piece = fc.constantFrom('a', 'b', '*', '?', '\\*', '\\\\')
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 10 }),
      (pieces, text) => {
        const source = pieces
          .map(each => (each === '*' ? '(.*?)' : each === '?' ? '(.)' : each.replace(/^[ab]$/, '$&')))
          .join('')
        const theirs = new RegExp(`^${source}$`, 's').exec(text)
        assert.deepEqual(
          finish(matchWildcards(pieces.join(''), text, 'i;octet', budget())),
          theirs ? [...theirs] : undefined,
        )
      },
    ),
    { numRuns: 3000 },
  )
})

test('comparators: equality and order', () => {
  assert.equal(keyFor('i;ascii-casemap')('aé'), 'Aé')
  assert.ok(compare('i;octet', 'a', 'B') > 0)
  assert.ok(compare('i;ascii-casemap', 'a', 'B') < 0)
  // U+FFFD before U+1F600, as their octets say
  assert.ok(compare('i;octet', '\ufffd', '😀') < 0)
  assert.equal(compare('i;ascii-numeric', '007x', '7'), 0)
  assert.ok(compare('i;ascii-numeric', '10', '9') > 0)
  assert.ok(compare('i;ascii-numeric', 'x', '99999999999999999999') > 0)
  assert.equal(compare('i;ascii-numeric', 'x', 'y'), 0)
  assert.ok(compare('i;ascii-numeric', '123456789012345678901', '123456789012345678902') < 0)
  assert.equal(compare('i;unicode-casemap', 'École', 'ÉCOLE'), 0)
})
