import assert from 'node:assert/strict'
import test from 'node:test'
import { momentDate, sizeText, shortDate, wallDate } from './dates.ts'
import { aloneNameOf, distinct, nameOf, shortNameOf } from './people.ts'

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

test('who calls themselves by the address of another is never shown by it alone', () => {
  for (const name of [
    'bank@bank.example',
    'Bank <bank@bank.example>',
    'ｂａｎｋ＠bank.example',
    '\u202ebank@bank.example',
  ]) {
    const shown = aloneNameOf({ name, email: 'x@evil.example' })
    assert.equal(shown, `${nameOf({ name, email: 'x@evil.example' })} <x@evil.example>`)
    assert.equal(shortNameOf({ name, email: 'x@evil.example' }), shown)
  }
  for (const name of ['Aki@home', 'a@x.example', 'A@X.example', '@aki', 'Aki']) {
    const email = 'a@x.example'
    assert.equal(aloneNameOf({ name, email }), name === 'Aki@home' ? 'Aki@home <a@x.example>' : name)
  }
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

test('dates of a calendar: by the name of the reader’s zone, or what a clock somewhere says', () => {
  const date = new Date('2026-12-01T01:00:00Z')
  assert.match(momentDate(date, 'ja'), /2026年12月1日.*(標準時|夏時間|UTC|協定世界時)/)
  assert.doesNotMatch(momentDate(date, 'en'), /GMT[+-]/)
  assert.match(wallDate(date, 'ja', true), /^2026年12月1日火曜日 1:00$/)
  assert.match(wallDate(date, 'en-GB', false), /^Tuesday,? 1 December 2026$/)
})

test('sizes', () => {
  assert.deepEqual(
    [0, 999, 1_500, 12_345_678].map(size => sizeText(size, 'en')),
    ['0 bytes', '999 bytes', '1.5 kB', '12 MB'],
  )
  assert.equal(sizeText(806, 'ja'), '806 バイト')
})
