// Each planted fault is found, by the right word; in each run by the same course of commands.
import assert from 'node:assert/strict'
import test from 'node:test'
import { withBoth } from './both.ts'
import { Complaint } from './complaint.ts'
import { faults } from './faults.ts'
import { Walk } from './walk.ts'

test('planted faults', { timeout: 240_000 }, async t => {
  // one account for all of them: each walk begins with what the last has left
  await withBoth(async both => {
    for (const [index, { kinds, name, ...planted }] of faults.entries())
      await t.test(`found: ${name}`, async () => {
        const walk = new Walk(both, { seed: index + 1, seconds: 60, clients: 3, ...planted })
        const found = await walk.run().catch((error: unknown) => error)
        assert.ok(found instanceof Complaint, `nothing was found, or something else: ${String(found)}`)
        assert.ok(kinds.includes(found.kind), found.message)
      })
  })
})
