import assert from 'node:assert/strict'
import test from 'node:test'
import { sortByNumber } from './radix.ts'

for (const [name, length, range] of [
  ['few', 100, 50],
  ['many that are alike', 5000, 2],
  ['all alike', 3000, 1],
  ['far apart', 3000, 2 ** 52],
  ['times', 4000, 2 ** 41],
] as const)
  for (const ascending of [true, false])
    test(`${name}, ${ascending ? 'ascending' : 'descending'}: as the language sorts, equals as they stood`, () => {
      let state = 7
      const values = Array.from({ length }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
        return Math.floor((state / 2 ** 32) * range) - 1000
      })
      const given = Uint32Array.from(values.keys()).toReversed()
      const sign = ascending ? 1 : -1
      const wanted = [...given].sort((a, b) => ((values[a] ?? 0) - (values[b] ?? 0)) * sign)
      assert.deepEqual([...sortByNumber(given, index => values[index] ?? 0, ascending)], wanted)
    })
