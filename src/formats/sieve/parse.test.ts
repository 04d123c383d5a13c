import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { maxNesting, maxProblems } from './limits.ts'
import { parseScript } from './parse.ts'
import { printCommand, printScript } from './print.ts'
import { withoutPlaces } from './print.testbed.ts'
import { anyScript } from './scripts.testbed.ts'

test('RFC 5228 §2.4.2: strings, multi-line strings and their dots', () => {
  const { script, problems } = parseScript(
    'keep "a \\"b\\" \\\\ \\c" ["x", "y"]; keep text: # note\r\nOne\r\n..dot\r\n.\r\n;',
  )
  assert.deepEqual(problems, [])
  const strings = script.commands.flatMap(({ args }) =>
    args.flatMap(argument => (argument.kind === 'strings' ? argument.strings.map(({ text }) => text) : [])),
  )
  assert.deepEqual(strings, ['a "b" \\ c', 'x', 'y', 'One\r\n.dot\r\n'])
})

test('RFC 5228 §2.4.1: numbers and their quantifiers', () => {
  const { script, problems } = parseScript('keep 1 2K 3m 4G;')
  assert.deepEqual(problems, [])
  assert.deepEqual(
    script.commands[0]?.args.map(argument => (argument.kind === 'number' ? [argument.number, argument.quantifier] : 0)),
    [
      [1, ''],
      [2, 'K'],
      [3, 'M'],
      [4, 'G'],
    ],
  )
  for (const bad of ['1x', '1KB', '99999999999999999999', '281474976710657', '300000G'])
    assert.equal(parseScript(`keep ${bad};`).problems.length, 1, bad)
})

test('several mistakes are told at once, each at its place', () => {
  const { problems } = parseScript('keep;\n  keep keep;\nif true { fileinto ; stop [; }\n}\nkeep "é" §;\nstop')
  assert.deepEqual(
    problems.map(({ line, column }) => [line, column]),
    [
      [3, 28],
      [4, 1],
      [5, 10],
      [6, 5],
    ],
  )
  for (const { text } of problems) assert.match(text.ja, /[ぁ-ん]/)
})

test('a problem a line, up to the limit', () => {
  const { problems } = parseScript('keep [;\n'.repeat(1000))
  assert.equal(problems.length, maxProblems + 1)
})

test('strings, texts and comments that have no end', () => {
  for (const text of [
    'keep "a',
    'keep "a\\',
    'keep text:\nabc',
    'keep; /* x',
    'keep "\0";',
    'keep :;',
    'keep text:\n\0\n.\n;',
  ])
    assert.equal(parseScript(text).problems.length, 1, text)
})

test('comments stay with what they stand before or behind', () => {
  const text =
    '# first\r\nrequire "fileinto"; # why\r\n/* two\r\nlines */\r\nif true { # then\r\n  keep;\r\n  # last in block\r\n}\r\n# end\r\n'
  const { script, problems } = parseScript(text)
  assert.deepEqual(problems, [])
  assert.equal(printScript(script), text)
})

test('a command can be replaced by its offsets and the rest stays as it is', () => {
  const text = 'keep;   # mine\nif  true{ stop;}\n\nkeep ;'
  const { script } = parseScript(text)
  const [, second] = script.commands
  assert.ok(second)
  const changed =
    text.slice(0, second.from) +
    printCommand({ ...second, block: undefined, name: 'discard', tests: { kind: 'none' } }) +
    text.slice(second.to)
  assert.equal(changed, 'keep;   # mine\ndiscard;\n\nkeep ;')
})

test('what is printed reads back as the same tree', () => {
  fc.assert(
    fc.property(anyScript, script => {
      const { script: back, problems } = parseScript(printScript(script))
      assert.deepEqual(problems, [])
      assert.deepEqual(withoutPlaces(back), withoutPlaces(script))
    }),
    { numRuns: 300 },
  )
})

test('any text is read without a throw, and what is understood survives printing', () => {
  const word = fc.constantFrom(
    'keep',
    'if',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ',',
    ';',
    '"',
    'text:',
    '\n',
    '.\n',
    '#',
    '/*',
    '*/',
    ':is',
    '1K',
    '\\',
    '"a"',
    '\0',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), words => {
      const { script, problems } = parseScript(words.join(' '))
      if (problems.length > 0) return
      assert.deepEqual(withoutPlaces(parseScript(printScript(script)).script), withoutPlaces(script))
    }),
    { numRuns: 2000 },
  )
})

test('bombs: deep blocks, deep tests, many strings, many words, one long line', () => {
  const deepBlocks = `${'if true { '.repeat(200_000)}`
  const deepTests = `if ${'not '.repeat(200_000)}true { keep; }`
  const strings = `keep [${'"",'.repeat(300_000)}""];`
  const words = `keep ${':a '.repeat(300_000)};`
  const openings = '{'.repeat(500_000)
  const began = performance.now()
  for (const bomb of [deepBlocks, deepTests, strings, words, openings]) {
    const { problems } = parseScript(bomb)
    assert.ok(problems.length >= 1 && problems.length <= maxProblems + 1)
  }
  assert.equal(parseScript(`# ${'x'.repeat(1_000_000)}\nkeep;`).problems.length, 0)
  assert.ok(performance.now() - began < 3000)
  assert.equal(
    parseScript(`${'if true { '.repeat(maxNesting - 2)}keep;${'}'.repeat(maxNesting - 2)}`).problems.length,
    0,
  )
})
