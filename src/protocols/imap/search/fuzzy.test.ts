import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { fold } from '#formats/search/fold.ts'
import { fuzzyWords, stemOf } from './fuzzy.ts'

const words: readonly [text: string, words: readonly string[]][] = [
  ['IMAP break', ['imap', 'break']],
  ['  a,  B!  a ', ['a', 'b']],
  ['a plan', ['plan']],
  ['ﾒｰﾙ サーバー', ['メール', 'サーバー']],
  ['--', ['--']],
  ['', ['']],
  ['one two three four five six seven eight nine', ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']],
]
for (const [text, wanted] of words) test(`words of "${text}"`, () => assert.deepEqual(fuzzyWords(text), wanted))

const stems: readonly [word: string, stem: string][] = [
  ['imap', 'ima'],
  ['at', 'at'],
  ['breaks', 'brea'],
  ['breaking', 'break'],
  ['資料', '資料'],
]
for (const [word, stem] of stems) test(`stem of ${word}`, () => assert.equal(stemOf(word), stem))

test('what is looked for is in every text that has the words as they stand, and is not nothing', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
      for (const word of fuzzyWords(text)) {
        assert.ok(fold(text).includes(stemOf(word)))
        assert.ok(stemOf(word) !== '' || fold(text) === '')
      }
    }),
    { numRuns: 3000 },
  ))
