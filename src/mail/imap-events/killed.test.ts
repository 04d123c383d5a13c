// Processes that are killed while messages are appended and their scripts run: each message has been seen by its script once, whatever broke off.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openEvents, testId } from './run.testbed.ts'

const child = fileURLToPath(new URL('./run.child.ts', import.meta.url))
const rounds = Number(process.env['EVENT_KILLS'] ?? 3)

test('killed while scripts run: every message is copied once, flagged once and sent on once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-events-'))
  try {
    await mkdir(join(folder, 'accounts'))
    let answered = 0
    for (let round = 0; round < rounds; round++) answered += await runAndKill(folder, 12 + 9 * round)
    assert.ok(answered >= rounds * 12)
    await using bed = await openEvents(folder)
    await bed.events.searched
    for (const began = Date.now(); (await bed.accounts.imapEvent(testId)) !== undefined; await sleep(5))
      assert.ok(Date.now() - began < 30_000, 'scripts do not end')
    const account = await bed.accounts.account(testId)
    const counts = new Map((await account.mailboxes()).map(mailbox => [mailbox.name, mailbox.messages]))
    const kept = counts.get('INBOX') ?? 0
    assert.ok(kept >= answered, `${kept} of ${answered} are there`)
    assert.equal(counts.get('Archive'), kept)
    assert.equal(counts.get('Trash'), kept)
    const waiting = await bed.accounts.outbox(testId, kept + 100)
    assert.equal(waiting.length, kept)
    assert.equal(new Set(waiting.map(({ id }) => id)).size, kept)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

/** How many were answered before the process was killed in its work. */
async function runAndKill(folder: string, after: number): Promise<number> {
  const process_ = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let answered = 0
  process_.stdout.on('data', (chunk: Buffer) => {
    answered += chunk.length
    if (answered >= after) process_.kill('SIGKILL')
  })
  await once(process_, 'close')
  return answered
}
