// RFC 5260 §4.2
import assert from 'node:assert/strict'
import test from 'node:test'
import { dateIn, datePart, readZone } from './dates.ts'

const at = Date.UTC(2009, 0, 4, 20, 5, 9)

for (const [part, utc, west] of [
  ['year', '2009', '2009'],
  ['month', '01', '01'],
  ['day', '04', '04'],
  ['date', '2009-01-04', '2009-01-04'],
  ['julian', '54835', '54835'],
  ['hour', '20', '11'],
  ['minute', '05', '35'],
  ['second', '09', '09'],
  ['time', '20:05:09', '11:35:09'],
  ['iso8601', '2009-01-04T20:05:09+00:00', '2009-01-04T11:35:09-08:30'],
  ['std11', 'Sun, 4 Jan 2009 20:05:09 +0000', 'Sun, 4 Jan 2009 11:35:09 -0830'],
  ['zone', '+0000', '-0830'],
  ['weekday', '0', '0'],
  ['WEEKDAY', '0', '0'],
  ['century', undefined, undefined],
] as const)
  test(`${part}`, () => {
    assert.equal(datePart(at, 0, part), utc)
    assert.equal(datePart(at, -510, part), west)
  })

test('the day may be another one elsewhere', () => {
  assert.equal(datePart(at, 540, 'iso8601'), '2009-01-05T05:05:09+09:00')
  assert.equal(datePart(at, 540, 'julian'), '54836')
  assert.equal(datePart(at, 540, 'weekday'), '1')
})

test('zones as arguments', () => {
  assert.equal(readZone('+0930'), 570)
  assert.equal(readZone('-0030'), -30)
  for (const bad of ['JST', '0900', '+900', '+09:00', '']) assert.equal(readZone(bad), undefined)
})

for (const [text, zone] of [
  ['Sun, 4 Jan 2009 11:35:09 -0830', -510],
  ['Sun, 4 Jan 2009 20:05:09 GMT', 0],
  ['Sun, 4 Jan 2009 15:05:09 EST', -300],
  ['Mon, 5 Jan 2009 05:05:09 +0900 (JST)', 540],
  ['from a by b with ESMTP id 1; Mon, 5 Jan 2009 05:05:09 +0900', 540],
  ['2009-01-05T05:05:09+09:00', 540],
] as const)
  test(text, () => assert.deepEqual(dateIn(Buffer.from(text)), { ms: at, zone }))

test('what is no date', () => {
  for (const text of ['', 'yesterday', 'from a by b']) assert.equal(dateIn(Buffer.from(text)), undefined)
})
