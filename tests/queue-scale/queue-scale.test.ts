// The short form of scripts/measure-queue.ts.
import assert from 'node:assert/strict'
import test from 'node:test'
import { drain, pace } from './run.ts'

test('2,000 messages to 60 destinations, a third of them sick, killed in the middle: none lost, none doubled but by the kill', async t => {
  const drained = await drain({ destinations: 60, messages: 2000 })
  t.diagnostic(JSON.stringify(drained))
  assert.equal(drained.lost, 0)
  assert.equal(drained.doubledOtherwise, 0)
  // what was under way at that moment
  assert.ok(drained.doubledByTheKill <= 64, `${drained.doubledByTheKill} doubled`)
})

test('healthy destinations do not wait for sick ones', async t => {
  const measured = await pace({ destinations: 60, perSecond: 100, seconds: 4, sick: true })
  t.diagnostic(JSON.stringify(measured))
  // an attempt at a sick one takes 20 s and more
  assert.ok(measured.maxMs < 5000, `${measured.maxMs} ms`)
})
