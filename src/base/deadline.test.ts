import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { deadline, DeadlinePassed } from './deadline.ts'

test('it follows its parent', () => {
  const parent = new AbortController()
  using child = deadline(parent.signal, 60_000)
  assert.equal(child.signal.aborted, false)
  parent.abort('why')
  assert.equal(child.signal.reason, 'why')
  using late = deadline(parent.signal, 60_000)
  assert.equal(late.signal.reason, 'why', 'a parent that is over already')
})

test('it passes by itself, and not when its scope ended before', async () => {
  const parent = new AbortController()
  using short = deadline(parent.signal, 5)
  const over = deadline(parent.signal, 5)
  over[Symbol.dispose]()
  await sleep(40)
  assert.ok(short.signal.reason instanceof DeadlinePassed)
  assert.equal(over.signal.aborted, false)
})

test('a parent that lives long has one listener, not one for each', () => {
  const parent = new AbortController()
  for (let count = 0; count < 100; count++) deadline(parent.signal, 60_000)[Symbol.dispose]()
  assert.equal(getEventListeners(parent.signal, 'abort').length, 1)
})
