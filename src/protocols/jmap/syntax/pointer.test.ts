import assert from 'node:assert/strict'
import test from 'node:test'
import type { Json } from './json.ts'
import { valueAt } from './pointer.ts'

/** The document and the pointers of RFC 6901 §5 */
const document: Json = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
}

test('RFC 6901 §5', () => {
  const cases: readonly (readonly [string, Json])[] = [
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ]
  for (const [pointer, value] of cases) assert.deepEqual(valueAt(document, pointer, 100), value, pointer)
})

test('pointers that lead nowhere, or are none', () => {
  for (const pointer of [
    'foo',
    '/foo/2',
    '/foo/00',
    '/foo/-',
    '/foo/-1',
    '/foo/1e0',
    '/foo/0/0',
    '/nothing',
    '/toString',
    '/foo/length',
    '/m~2n',
    '/foo/*/x',
  ])
    assert.equal(valueAt(document, pointer, 100), undefined, pointer)
})

test('* goes over all items and joins arrays, one level (RFC 8620 §3.7)', () => {
  const list: Json = {
    list: [
      { threadId: 'a', ids: ['1', '2'] },
      { threadId: 'b', ids: [] },
      { threadId: 'c', ids: ['3', ['4']] },
    ],
  }
  assert.deepEqual(valueAt(list, '/list/*/threadId', 100), ['a', 'b', 'c'])
  assert.deepEqual(valueAt(list, '/list/*/ids', 100), ['1', '2', '3', ['4']])
  assert.deepEqual(valueAt(list, '/list/*/ids/*', 100), ['1', '2', '3', '4'])
  assert.deepEqual(valueAt({ list: [] }, '/list/*/ids', 100), [])
  assert.deepEqual(valueAt({ '*': 5 }, '/*', 100), 5)
})

test('what * brings together is bounded', () => {
  const square: Json = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => 1))
  assert.equal((valueAt(square, '/*', 10_000) as Json[]).length, 10_000)
  assert.equal(valueAt(square, '/*', 9_999), undefined)
})
