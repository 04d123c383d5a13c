import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type Key, nothingShown, show, type Shown } from './slots.ts'

const none = () => false
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `row ${from + at}`)
const slots = ({ rows }: Shown) => rows.map(({ slot }) => slot)

test('what scrolls out comes in at the other end, and all others stay where they are', () => {
  const first = show(nothingShown, 0, names(0, 5), none)
  assert.deepEqual(slots(first), [0, 1, 2, 3, 4])
  const second = show(first, 2, names(2, 7), none)
  assert.deepEqual(slots(second), [2, 3, 4, 0, 1])
  assert.deepEqual(slots(show(second, 1, names(1, 6), none)), [1, 2, 3, 4, 0])
})

test('far away all serve again in their order, so that none has to move', () => {
  const first = show(nothingShown, 0, names(0, 4), none)
  assert.deepEqual(slots(show(first, 700, names(700, 704), none)), [0, 1, 2, 3])
})

test('a place that gets its name keeps its element', () => {
  const waiting = show(nothingShown, 10, [undefined, undefined, undefined], none)
  assert.deepEqual(slots(show(waiting, 10, ['a', undefined, 'c'], none)), slots(waiting))
})

test('the element of a row that is gone is gone too, and never shows its neighbour', () => {
  const first = show(nothingShown, 0, ['a', 'b', 'c', 'd'], none)
  const second = show(first, 0, ['a', 'c', 'd', 'e'], none)
  assert.deepEqual(slots(second), [0, 2, 3, 4])
})

test('a row that comes in between moves the others and takes nobody’s element', () => {
  const first = show(nothingShown, 0, ['a', 'b', 'c'], none)
  assert.deepEqual(slots(show(first, 0, ['new', 'a', 'b'], none)), [3, 0, 1])
})

test('what is held is not given to another', () => {
  const first = show(nothingShown, 0, names(0, 3), none)
  assert.deepEqual(slots(show(first, 50, names(50, 53), index => index === 1)), [0, 2, 3])
})

test('no element stands for two rows, and none that is in sight changes its row, whatever happens', () => {
  const step = fc.record({
    from: fc.nat(30),
    keys: fc.uniqueArray(fc.option(fc.nat(40), { nil: undefined }), {
      maxLength: 12,
      comparator: (one, other) => one !== undefined && one === other,
    }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      let shown = nothingShown
      for (const { from, keys } of steps) {
        const next = show(shown, from, keys, none)
        assert.deepEqual(
          next.rows.map(({ key }) => key),
          keys,
        )
        assert.equal(new Set(slots(next)).size, keys.length)
        const before = new Map<Key | undefined, number>(shown.rows.map(({ key, slot }) => [key, slot]))
        for (const { key, slot } of next.rows)
          if (key !== undefined && before.has(key)) assert.equal(slot, before.get(key))
        shown = next
      }
    }),
  )
})
