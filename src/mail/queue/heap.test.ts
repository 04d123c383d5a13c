import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Heap } from './heap.ts'

test('a heap gives back in order what was put in, also in between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { freq: 3 })), steps => {
      const heap = new Heap<string>()
      const model: number[] = []
      for (const value of steps) {
        if (value === null) assert.equal(heap.pop(), model.shift()?.toString())
        else {
          heap.push(String(value), value)
          model.push(value)
          model.sort((a, b) => a - b)
        }
        assert.equal(heap.first, model[0]?.toString())
        assert.equal(heap.firstKey, model[0])
        assert.ok([...heap.entries()].every(([item, key]) => item === String(key)))
        assert.equal(heap.size, model.length)
      }
    }),
  )
})
