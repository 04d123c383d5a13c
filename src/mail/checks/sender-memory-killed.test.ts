// A gateway alone, killed while it writes down who has sent.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { openSendersStore } from '#store/senders/senders-store.ts'
import { killedKey } from './sender-memory-killed.testbed.ts'

const child = fileURLToPath(new URL('./sender-memory.child.ts', import.meta.url))

/** What it said before it was killed; the last line may be cut */
async function runUntilKilled(file: string, round: number, lines: number): Promise<readonly string[]> {
  const running = spawn(process.execPath, [child, file, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  running.stdout.on('data', chunk => {
    text += String(chunk)
    if (text.split('\n').length > lines) running.kill('SIGKILL')
  })
  await once(running, 'close')
  return text.split('\n').slice(0, -1)
}

test('killed while it learns: whom it had written down it knows, a waiting sender does not wait anew, and it goes on', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-senders-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  const file = join(folder, 'senders.db')
  const all: string[] = []
  for (let round = 0; round < 3; round++) {
    const told = await runUntilKilled(file, round, 300 + 211 * round)
    assert.ok(told.length >= 300)
    all.push(...told)
    await using store = openSendersStore({ file })
    const known = await store.known({ keys: all.map(killedKey), since: 0 })
    assert.deepEqual(
      all.filter((_, at) => known[at] !== 1),
      [],
    )
    const now = Date.now() + 120_000
    const [first = ''] = told
    const times = { now, delayMs: 60_000, windowMs: 1e9, keptMs: 1e9 }
    assert.equal((await store.attempt({ key: killedKey(`attempt ${first}`), ...times })).kind, 'passed')
    const sizes = await store.sweep({ attemptsBefore: 0, passedBefore: 0, knownBefore: 0 })
    assert.ok(sizes.known >= all.length)
  }
})
