import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { baseSubject } from './base-subject.ts'

const cases: readonly [subject: string, base: string, isReply: boolean][] = [
  ['', '', false],
  ['Lunch', 'Lunch', false],
  ['  a \t b\r\n c  ', 'a b c', false], // step 1: blanks become one
  ['Re: Lunch', 'Lunch', true],
  ['re :Lunch', 'Lunch', true],
  ['RE: Fwd: FW: Lunch', 'Lunch', true],
  ['Re[2]: Lunch', 'Lunch', true],
  ['Re [2] : Lunch', 'Lunch', true],
  ['Re(2): Lunch', 'Re(2): Lunch', false], // no subj-blob
  ['AW: Lunch', 'AW: Lunch', false], // §7: no translations
  ['Reply: Lunch', 'Reply: Lunch', false],
  ['[list] Lunch', 'Lunch', false], // a blob alone makes no reply
  ['[list] [x] Re: Lunch', 'Lunch', true],
  ['Re: [list] Lunch', 'Lunch', true],
  ['[list]', '[list]', false], // the last blob stays
  ['[a] [b]', '[b]', false],
  ['Re: [a]', '[a]', true],
  ['[a[b] Lunch', '[a[b] Lunch', false], // no [ in a blob
  ['[a] b] c', 'b] c', false],
  ['Lunch (fwd)', 'Lunch', true],
  ['Lunch (FWD) (fwd) ', 'Lunch', true],
  ['Lunch (fwd) x', 'Lunch (fwd) x', false],
  ['[fwd: Lunch]', 'Lunch', true],
  ['[Fwd: Re: Lunch (fwd)]', 'Lunch', true],
  ['[fwd: [fwd: Lunch]]', 'Lunch', true],
  ['Re: [fwd: Lunch] (fwd)', 'Lunch', true],
  ['[fwd: Lunch] again', 'again', false], // step 4 comes first: a blob
  ['[fwd:]', '', true],
  ['Re:', '', true],
  ['Re: Re:', '', true],
  ['(fwd)', '', true],
  ['Re: 会議', '会議', true],
  ['Re：会議', 'Re：会議', false],
]
for (const [subject, base, isReply] of cases)
  test(`the base of ${JSON.stringify(subject)}`, () => assert.deepEqual(baseSubject(subject), { base, isReply }))

test('what is a base has itself as its base, unless it was all there is', () => {
  const piece = fc.constantFrom('Re:', 'fwd', '[a]', '[', ']', ' ', '(fwd)', '[fwd:', 'x', ':', '\t')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const { base } = baseSubject(pieces.join(''))
      assert.equal(baseSubject(base).base, base)
    }),
    { numRuns: 5000 },
  )
})

test('long ones take no longer than their length', () => {
  const started = performance.now()
  for (const piece of ['[a]', 'Re:', '[fwd: ', '(fwd)', ' ', '['])
    for (const tail of ['', 'x', ']'.repeat(50_000)]) baseSubject(piece.repeat(50_000) + tail)
  assert.ok(performance.now() - started < 2000)
})
