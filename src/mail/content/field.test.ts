import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { asciiText, utf8 } from '#base/bytes.ts'
import type { ContentVerdict } from '../judging.ts'
import { keptVerdict, parseJunkField, printJunkField, readJunkField } from './field.ts'
import { keptDetailCharacters, keptReasons } from './limits.ts'

const points = fc.integer({ min: -10_000, max: 10_000 }).map(tenths => tenths / 10 + 0)
const detail = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.string({ maxLength: 100 }), fc.integer()),
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
)
const reason = fc.record(
  { code: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), points, detail },
  { requiredKeys: ['code', 'points'], noNullPrototype: true },
)
const verdict = fc.record(
  {
    verdict: fc.constantFrom('clean', 'junk'),
    score: points,
    junkFrom: fc.constantFrom(5, 7.5),
    reasons: fc.array(reason, { maxLength: 20 }),
    virus: fc.string({ maxLength: 40 }),
    spamtest: fc.integer({ min: 0, max: 10 }),
    virustest: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: ['verdict', 'score', 'junkFrom', 'reasons', 'spamtest', 'virustest'], noNullPrototype: true },
) as fc.Arbitrary<ContentVerdict>

test('what is printed is read again, is one field of ASCII, and never longer than a line may be', () => {
  fc.assert(
    fc.property(verdict, one => {
      const kept = keptVerdict(one)
      const field = printJunkField(kept)
      assert.deepEqual(readJunkField(field), kept)
      const text = asciiText(field)
      assert.match(text, /^X-Hikyaku-Junk: (?:yes|no) [\t -~\r\n]*\r\n$/)
      for (const line of text.slice(0, -2).split('\r\n').slice(1)) assert.match(line, /^\t\S/)
      assert.ok(text.split('\r\n').every(line => line.length <= 998))
    }),
  )
})

test('reasons and details are cut where they are many and long', () => {
  const long = { code: 'x', points: 1, detail: { words: '当'.repeat(500) } }
  const kept = keptVerdict({
    verdict: 'junk',
    score: 9,
    junkFrom: 5,
    reasons: Array.from({ length: 40 }, () => long),
    spamtest: 9,
    virustest: 0,
  })
  assert.equal(kept.reasons.length, keptReasons)
  assert.equal(String(kept.reasons[0]?.detail?.['words']).length, keptDetailCharacters)
})

test('what is none of ours is nothing', () => {
  for (const text of [
    '',
    'yes',
    'maybe score=1 from=5 spamtest=1 virustest=0',
    'yes score=x from=5 spamtest=1 virustest=0',
  ])
    assert.equal(parseJunkField(text), undefined, text)
  assert.equal(readJunkField(utf8('Subject: X-Hikyaku-Junk: yes\r\n\r\nX-Hikyaku-Junk: yes score=1\r\n')), undefined)
  assert.deepEqual(
    parseJunkField('no score=1 from=5 spamtest=1 virustest=0 reason=BAD reason=a:b reason=ok:1:a=%zz')?.reasons,
    [{ code: 'ok', points: 1, detail: { a: '%zz' } }],
  )
})
