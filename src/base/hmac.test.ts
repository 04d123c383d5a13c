import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import { hmacSha256 } from './hmac.ts'

test('HMAC-SHA-256 is what node:crypto computes, for keys and messages of any length', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.string(),
      (key, bytes, text) => {
        const expected = createHmac('sha256', key).update(bytes).update(text).digest('hex')
        assert.equal(hmacSha256(key)(bytes, text).toString('hex'), expected)
      },
    ),
  )
})
