// The short form of `npm run fuzz`.
import assert from 'node:assert/strict'
import test from 'node:test'
import { fuzz, sentence } from './run.ts'

test('hostile input in every state, 15 s', { timeout: 180_000 }, async t => {
  const result = await fuzz({ seconds: 15, seed: Date.now() % 1_000_000_000 })
  t.diagnostic(sentence(result))
  assert.deepEqual(result.findings, [])
  assert.equal(result.grew, false, sentence(result))
  assert.ok(result.inputs > 10 * result.states)
})
