import assert from 'node:assert/strict'
import test from 'node:test'
import type { Json } from './json.ts'
import {
  checkArguments,
  fallback,
  flag,
  id,
  idOrCreated,
  list,
  nullable,
  object,
  oneOf,
  optional,
  record,
  text,
  unsigned,
  utc,
} from './arguments.ts'

const shape = {
  accountId: id,
  ids: optional(list(idOrCreated)),
  limit: optional(unsigned),
  calculateTotal: fallback(flag, false),
  sort: optional(list(object({ property: text, keyword: optional(text) }))),
  update: optional(record(nullable(text), id)),
  kind: optional(oneOf(['one', 'other'])),
}

test('what is asked for comes with its type, defaults in place', () => {
  const given = {
    accountId: 'a1',
    ids: ['E1', '#k'],
    sort: [{ property: 'receivedAt' }],
    update: { E1: null, E2: 'x' },
  }
  const checked = checkArguments(given, shape)
  assert.deepEqual(checked.ids, ['E1', '#k'])
  assert.equal(checked.calculateTotal, false)
  assert.deepEqual(
    [...(checked.update ?? [])],
    [
      ['E1', null],
      ['E2', 'x'],
    ],
  )
  assert.equal(checked.limit, undefined)
})

test('each mistake is named with its place', () => {
  const mistakes: readonly (readonly [{ readonly [name: string]: Json }, RegExp])[] = [
    [{}, /^accountId /],
    [{ accountId: 'a b' }, /^accountId /],
    [{ accountId: 'a'.repeat(256) }, /^accountId /],
    [{ accountId: 'a', ids: ['E1', 5] }, /^ids\[1\] /],
    [{ accountId: 'a', ids: {} }, /^ids /],
    [{ accountId: 'a', limit: -1 }, /^limit /],
    [{ accountId: 'a', limit: 1.5 }, /^limit /],
    [{ accountId: 'a', limit: 2 ** 53 }, /^limit /],
    [{ accountId: 'a', calculateTotal: null }, /^calculateTotal /],
    [{ accountId: 'a', sort: [{}] }, /^sort\[0\]\.property /],
    [{ accountId: 'a', sort: [{ property: 'x', extra: 1 }] }, /^sort\[0\]\.extra is not known/],
    [{ accountId: 'a', update: { 'no id': 'x' } }, /^update\.no id /],
    [{ accountId: 'a', kind: 'third' }, /^kind /],
    [{ accountId: 'a', acountId: 'b' }, /^acountId is not known/],
    [JSON.parse('{"accountId":"a","__proto__":1}') as { [name: string]: Json }, /^__proto__ is not known/],
  ]
  for (const [given, description] of mistakes)
    assert.throws(() => checkArguments(given, shape), { message: description }, JSON.stringify(given))
})

test('dates are those of RFC 8620 §1.4', () => {
  assert.equal(utc('2014-10-30T06:12:00Z', 'at'), Date.UTC(2014, 9, 30, 6, 12))
  assert.equal(utc('2014-10-30T06:12:00.5Z', 'at'), Date.UTC(2014, 9, 30, 6, 12, 0, 500))
  for (const wrong of [
    '2014-10-30T14:12:00+08:00',
    '2014-10-30t06:12:00z',
    '2014-02-30T06:12:00Z',
    '2014-10-30T06:12:00.000Z',
    '2014-10-30',
    5,
  ])
    assert.throws(() => utc(wrong, 'at'), /^Error: at /, String(wrong))
})
