// Disks that really are full or refuse to be written: a small tmpfs, where the test may mount one.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { emptyBytes } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { silentEvents } from '../events.ts'
import type { DeliveryId } from '../ids.ts'
import { openQueue, QueueRefusal } from './open-queue.ts'
import type { NewEntry } from './queue.ts'

const mayMount = process.getuid?.() === 0 && process.platform === 'linux'

function entry(id: string, sizeBytes: number): NewEntry {
  return {
    id: id as DeliveryId,
    envelope: {
      reversePath: 'a@internet.test',
      recipients: [{ address: 'b@home.test' }],
      body: '7BIT',
      smtpUtf8: false,
    },
    trace: emptyBytes,
    message: memorySource(Buffer.alloc(sizeBytes, 'x')),
    facts: '{}',
    fingerprint: emptyBytes,
    receivedAt: Date.now(),
    expiresAt: Date.now() + 1e9,
  }
}

/** Undefined (and the test skipped) where mounting is not allowed. */
function smallDisk(t: TestContext): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'hikyaku-full-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', path], { stdio: 'pipe' })
  } catch {
    rmSync(path, { recursive: true })
    t.skip('mounting is not allowed here')
    return undefined
  }
  t.after(() => {
    execFileSync('umount', ['-l', path])
    rmSync(path, { recursive: true })
  })
  return path
}

for (const [what, sizeBytes] of [
  ['rows', 30_000],
  ['spool files', 200_000],
] as const)
  test(`a full disk refuses ${what}, loses nothing, and room admits new mail`, {
    skip: !mayMount && 'needs root',
  }, async t => {
    const path = smallDisk(t)
    if (path === undefined) return
    let reachable = false
    const got = new Map<string, number>()
    await using queue = await openQueue({
      file: join(path, 'queue.db'),
      spoolFolder: join(path, 'spool'),
      name: 'hold',
      destinationOf: () => 'home',
      transportFor: (_, message) => async envelope => {
        if (reachable) got.set(message.id, (got.get(message.id) ?? 0) + 1)
        const result: RecipientResult = reachable
          ? { status: 'delivered', reply: { code: 250, lines: ['Stored'] } }
          : { status: 'deferred', reply: { code: 450, lines: ['Later'] } }
        return envelope.recipients.map(() => result)
      },
      clock: systemClock,
      log: silentLog,
      events: silentEvents,
      // None, so that the disk itself says no
      diskReserveBytes: 0,
      policy: { firstRetryMs: 60_000, maxRetryMs: 60_000 },
    })
    writeFileSync(join(path, 'ballast'), Buffer.alloc(3_000_000))
    const safe: string[] = []
    let refused: unknown
    for (let n = 0; n < 500 && !refused; n++)
      try {
        await queue.add(entry(`gw.1.${n}`, sizeBytes))
        safe.push(`gw.1.${n}`)
      } catch (error) {
        refused = error
      }
    assert.ok(refused instanceof QueueRefusal && refused.code === 'DISK_FULL', String(refused))
    assert.ok(safe.length > 3, `only ${safe.length} before the disk was full`)
    unlinkSync(join(path, 'ballast'))
    await pause(1100)
    assert.equal(await queue.add(entry('gw.1.later', sizeBytes)), 'added', 'room admits again')
    reachable = true
    // Again and again: an attempt whose result could not be written on the full disk is still under way.
    for (let tries = 0; queue.depth > 0 && tries < 500; tries++) {
      await queue.retry()
      await pause(20)
    }
    assert.equal(queue.depth, 0)
    assert.deepEqual([...got.keys()].sort(), [...safe, 'gw.1.later'].sort(), 'exactly what was acknowledged')
    assert.ok([...got.values()].every(times => times === 1))
    assert.deepEqual(readdirSync(join(path, 'spool')), [], 'no file without an owner')
  })
