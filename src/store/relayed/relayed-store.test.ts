import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { openRelayedStore } from './relayed-store.ts'

test('what was relayed is forgotten when there is too much of it, the oldest first', async t => {
  const path = await mkdtemp(join(tmpdir(), 'hikyaku-relayed-'))
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }))
  await using store = openRelayedStore({ file: join(path, 'relayed.db'), maxRows: 10 })
  const key = (number: number) => new Uint8Array(32).fill(number)
  for (let number = 0; number < 15; number++)
    await store.keep({ rows: [{ key: key(number), result: String(number) }], at: 1000 + number, before: 0 })
  assert.deepEqual(await store.find({ keys: [key(4), key(5), key(14)] }), [undefined, '5', '14'])
  await store.keep({ rows: [{ key: key(20), result: '20' }], at: 2000, before: 1014 })
  assert.deepEqual(await store.find({ keys: [key(13), key(14), key(20)] }), [undefined, '14', '20'])
})
