import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { numberRow } from './number-row.ts'

const printed = (numbers: readonly number[], start = 0, end = numbers.length) =>
  Buffer.from(numberRow(numbers, start, end)).toString('latin1')

test('numbers stand with a space before each', () => {
  assert.equal(printed([2, 84, 882]), ' 2 84 882')
  assert.equal(printed([0, 9, 10, 99, 100, 4_294_967_295]), ' 0 9 10 99 100 4294967295')
  assert.equal(printed([]), '')
  assert.equal(printed([1, 20, 300, 4000], 1, 3), ' 20 300')
})

test('any numbers are printed as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff_ffff })), numbers => {
      assert.equal(printed(numbers), numbers.map(number => ` ${number}`).join(''))
    }),
  )
})
