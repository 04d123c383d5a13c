import assert from 'node:assert/strict'
import test from 'node:test'
import { extend } from './extend.ts'

test('what the base computes stays computed; what is added stands before it', () => {
  let limit = 1
  const base = {
    name: 'base',
    get limit() {
      return limit
    },
  }
  const extended = extend(base, { name: 'extended', more: true })
  limit = 2
  assert.deepEqual([extended.limit, extended.name, extended.more, base.name], [2, 'extended', true, 'base'])
})
