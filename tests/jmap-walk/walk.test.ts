// The short form of `node tests/jmap-walk/run.ts`.
import assert from 'node:assert/strict'
import test from 'node:test'
import { withBoth } from './both.ts'
import { Walk } from './walk.ts'

test('IMAP and JMAP tell the same story, 12 s', { timeout: 120_000 }, async t => {
  await withBoth(async both => {
    const { commands, refused, rounds } = await new Walk(both, { seed: 8621, seconds: 12, clients: 3 }).run()
    t.diagnostic(`${rounds} rounds, ${commands} commands, ${refused} refused`)
    assert.ok(rounds > 10 && refused < commands / 2)
  })
})
