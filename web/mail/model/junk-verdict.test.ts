import assert from 'node:assert/strict'
import test from 'node:test'
import { junkVerdict } from './junk-verdict.ts'

const field = (value: string) => [{ name: 'X-Hikyaku-Junk', value }]

test('the verdict of the filter, as home writes it', () => {
  const value =
    ' yes score=7.4 from=5 spamtest=8 virustest=1\r\n reason=like-junk:6.2:words=%E5%BD%93%E9%81%B8,junk=+12,ham=+30 reason=unproved:0.5'
  assert.deepEqual(junkVerdict(field(value)), {
    isJunk: true,
    reasons: [
      { code: 'like-junk', points: 6.2, detail: { words: '当選', junk: 12, ham: 30 } },
      { code: 'unproved', points: 0.5, detail: {} },
    ],
  })
})

test('what is none of it is left out', () => {
  assert.equal(junkVerdict([]), undefined)
  assert.equal(junkVerdict(field('perhaps score=1')), undefined)
  assert.deepEqual(
    junkVerdict(field('no reason=<b>:1 reason=a:x reason=b: reason=ok:1:n=%zz,__proto__=+1'))?.reasons.map(
      ({ code }) => code,
    ),
    ['ok'],
  )
})
