import assert from 'node:assert/strict'
import test from 'node:test'
import { sizeText, shortDate } from './dates.ts'
import { distinct, nameOf, shortNameOf } from './people.ts'

test('what people are called', () => {
  assert.equal(nameOf({ name: '"Aki Tanaka"', email: 'a@x.example' }), 'Aki Tanaka')
  assert.equal(nameOf({ name: ' ', email: 'aki@x.example' }), 'aki')
  assert.equal(shortNameOf({ name: 'Aki Tanaka', email: 'a@x.example' }), 'Aki')
  assert.equal(shortNameOf({ name: '山田 花子', email: 'h@x.example' }), '山田 花子')
  const twice = distinct([
    { name: 'A', email: 'a@x.example' },
    { name: 'B', email: 'A@x.example' },
  ])
  assert.deepEqual(
    twice.map(({ name }) => name),
    ['A'],
  )
})

test('dates as a list shows them', () => {
  const now = new Date(2026, 10, 27, 12, 0)
  const at = (...parts: [number, number, number, number?]) =>
    shortDate(new Date(...parts), now, { locale: 'ja', yesterday: '昨日' })
  assert.equal(at(2026, 10, 27, 9), '09:00')
  assert.equal(at(2026, 10, 26, 23), '昨日')
  assert.equal(at(2026, 1, 3), '2/3')
  assert.equal(at(2024, 1, 3), '2024/02/03')
  assert.equal(shortDate(new Date(2026, 1, 3), now, { locale: 'en-GB', yesterday: 'Yesterday' }), '3 Feb')
})

test('sizes', () => {
  assert.deepEqual(
    [0, 999, 1_500, 12_345_678].map(size => sizeText(size, 'en')),
    ['0 bytes', '999 bytes', '1.5 kB', '12 MB'],
  )
  assert.equal(sizeText(806, 'ja'), '806 バイト')
})
