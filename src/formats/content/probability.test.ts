import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { likenessOf } from './probability.ts'

const learnt = { junk: 20, ham: 20 }
const many = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item)

test('what only junk has is like junk, what only good letters have is not, what both have says nothing', () => {
  const junk = likenessOf(many(20, { junk: 5, ham: 0 }), learnt)
  assert.ok(junk.likeness > 0.99 && junk.confidence > 0.8, JSON.stringify(junk))
  const ham = likenessOf(many(20, { junk: 0, ham: 5 }), learnt)
  assert.ok(ham.likeness < 0.01 && ham.confidence > 0.8)
  assert.deepEqual(likenessOf(many(20, { junk: 5, ham: 5 }), learnt), { likeness: 0.5, confidence: 0, telling: [] })
  assert.equal(likenessOf([], learnt).confidence, 0)
})

test('both in one letter: undecided, whatever the numbers', () => {
  const both = likenessOf([...many(30, { junk: 9, ham: 0 }), ...many(30, { junk: 0, ham: 9 })], learnt)
  assert.ok(Math.abs(both.likeness - 0.5) < 0.1)
})

test('little learnt, little known, or no good letters: little confidence', () => {
  const full = likenessOf(many(20, { junk: 5, ham: 0 }), learnt).confidence
  assert.ok(likenessOf(many(20, { junk: 1, ham: 0 }), { junk: 1, ham: 20 }).confidence < full / 2)
  assert.ok(likenessOf(many(3, { junk: 5, ham: 0 }), learnt).confidence < full / 4)
  assert.ok(likenessOf(many(20, { junk: 5, ham: 0 }), { junk: 20, ham: 0 }).confidence <= full / 1.9)
})

test('names those that spoke for it, the strongest first', () => {
  const tokens = [
    { junk: 1, ham: 0 },
    { junk: 0, ham: 3 },
    { junk: 9, ham: 0 },
    { junk: 4, ham: 4 },
    ...many(9, { junk: 5, ham: 0 }),
  ]
  assert.equal(likenessOf(tokens, learnt).telling[0], 2)
  assert.ok(!likenessOf(tokens, learnt).telling.includes(1))
})

test('always between 0 and 1', () => {
  const count = fc.nat({ max: 100_000 })
  const counts = fc.record({ junk: count, ham: count })
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 300 }), counts, (tokens, all) => {
      const { likeness, confidence, telling } = likenessOf(tokens, all)
      assert.ok(likeness >= 0 && likeness <= 1 && confidence >= 0 && confidence <= 1)
      assert.ok(telling.every(index => index < tokens.length))
    }),
  )
})
