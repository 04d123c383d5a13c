import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { contains } from './selected-mailbox.ts'

test('contains says what a look at every range says', () => {
  const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))).map(steps => {
    let at = 0
    return steps.map(([gap, length]) => {
      const start = at + gap
      at = start + length
      return { start, end: at }
    })
  })
  fc.assert(
    fc.property(ranges, fc.nat(60), (all, index) => {
      const plainly = all.some(({ start, end }) => index >= start && index < end)
      assert.equal(contains(all, index), plainly)
    }),
  )
})
