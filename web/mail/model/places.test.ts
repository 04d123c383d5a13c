import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Places, windowSize } from './places.ts'

/** The list as the server has it, and the windows of it that somebody has looked at. */
function looked(all: readonly string[], windows: readonly number[]): Places {
  return windows.reduce(
    (places, window) =>
      places.filled(window * windowSize, all.slice(window * windowSize, (window + 1) * windowSize), all.length),
    Places.none,
  )
}

const ids = (count: number, name = 'e') => Array.from({ length: count }, (_, at) => `${name}${at}`)

test('windows fill a long list, whichever comes first', () => {
  const all = ids(1_000)
  const places = looked(all, [14, 0])
  assert.equal(places.ids.length, 1_000)
  assert.deepEqual(places.ids.slice(350, 375), all.slice(350, 375))
  assert.equal(places.ids[60], undefined)
  assert.deepEqual(
    [0, 24, 25, 350, 375].map(at => places.isSure(at)),
    [true, true, false, true, false],
  )
  assert.equal(places.doubted().isSure(0), false)
})

test('several windows at once, the last of them shorter', () => {
  const all = ids(90)
  const places = Places.none.filled(50, all.slice(50), 90)
  assert.deepEqual(
    [24, 49, 50, 75, 89].map(at => [places.isSure(at), places.ids[at]]),
    [
      [false, undefined],
      [false, undefined],
      [true, 'e50'],
      [true, 'e75'],
      [true, 'e89'],
    ],
  )
})

test('an email that is told of twice stands where it was told of last', () => {
  const places = looked(ids(100), [0, 1, 2, 3])
    .doubted()
    .filled(50, ['e0', ...ids(24, 'x')], 100)
  assert.deepEqual([places.ids[0], places.ids[50]], [undefined, 'e0'])
})

test('after any change, what is sure is right', () => {
  const cases = fc.record({
    length: fc.integer({ min: 0, max: 260 }),
    windows: fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 9 }),
    gone: fc.array(fc.nat(259), { maxLength: 20 }),
    come: fc.array(fc.nat(300), { maxLength: 20 }),
  })
  fc.assert(
    fc.property(cases, ({ length, windows, gone, come }) => {
      const before = ids(length)
      const removed = [...new Set(gone.filter(at => at < length).map(at => `e${at}`))]
      const after = before.filter(id => !removed.includes(id))
      for (const [index, at] of come.entries()) after.splice(Math.min(at, after.length), 0, `new${index}`)
      const added = after.flatMap((id, index) => (id.startsWith('new') ? [{ id, index }] : []))
      const places = looked(
        before,
        windows.filter(window => window * windowSize <= length),
      ).changed({
        accountId: 'A1',
        oldQueryState: '1',
        newQueryState: '2',
        total: after.length,
        removed,
        added,
      })
      assert.equal(places.ids.length, after.length)
      for (const [at, id] of after.entries()) if (places.isSure(at)) assert.equal(places.ids[at], id)
      const shown = places.ids.filter(id => id !== undefined)
      assert.equal(new Set(shown).size, shown.length)
    }),
    { numRuns: 300 },
  )
})
