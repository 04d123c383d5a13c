// The short form of `npm run walk`. The same seed each time: a change is judged by courses that went well before it; new ones are for `npm run walk`.
import assert from 'node:assert/strict'
import test from 'node:test'
import { sentence, walk } from './run.ts'

test('random clients on one account, 25 s, with a kill', { timeout: 180_000 }, async t => {
  const seed = 271127
  const result = await walk({ seconds: 25, seed, clients: 5, kills: 1 })
  t.diagnostic(sentence(result))
  assert.equal(result.kills, 1)
  assert.ok(result.rounds > 100)
  assert.ok(result.deliveries > 5)
})
