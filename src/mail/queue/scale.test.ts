import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import type { RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import type { DeliveryId } from '../ids.ts'
import type { Transport } from '../transport.ts'
import { folder, queueIn } from './open-queue.testbed.ts'
import type { NewEntry } from './queue.ts'

const delivered: RecipientResult = { status: 'delivered', reply: { code: 250, lines: ['Stored'] } }
const later: RecipientResult = { status: 'deferred', reply: { code: 450, lines: ['Later'] } }

function entry(n: number, to: string, sizeBytes: number): NewEntry {
  return {
    id: `gw.1.${n}` as DeliveryId,
    envelope: { reversePath: 'aki@internet.test', recipients: [{ address: to }], body: '7BIT', smtpUtf8: false },
    trace: emptyBytes,
    message: memorySource(Buffer.alloc(sizeBytes, 'x')),
    facts: '{}',
    fingerprint: utf8(String(n).padStart(32, '0')),
    receivedAt: Date.now(),
    expiresAt: Date.now() + 1e9,
  }
}

async function queueFor(t: TestContext, transport: Transport) {
  const path = await folder(t)
  return () => queueIn(path, transport, { policy: { firstRetryMs: 600_000, maxRetryMs: 600_000 } })
}

/** Heap of this thread after a full collection, and what it keeps outside, bytes. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test('10,000 waiting messages cost memory for ids and times only, and start again quickly', async t => {
  const open = await queueFor(t, async envelope => envelope.recipients.map(() => later))
  const count = 10_000
  {
    await using queue = await open()
    let next = 0
    const addUntil = async (end: number) => {
      const add = async () => {
        while (next < end) {
          const number = next++
          const added = entry(number, 'hanako@home.test', 1024)
          await queue.add(added)
          if (number !== 77) queue.confirm(added.id)
        }
      }
      await Promise.all(Array.from({ length: 64 }, add))
    }
    // confirmations are kept until they are written, bodies until they are collected: it is what stays that counts
    const settled = async () => {
      let least = Number.POSITIVE_INFINITY
      for (let still = 0; still < 4; still++) {
        await pause(500)
        const bytes = heapBytes()
        if (bytes < least - 10_000) still = 0
        least = Math.min(least, bytes)
      }
      return least
    }
    await addUntil(count / 5)
    const before = await settled()
    await addUntil(count)
    const each = ((await settled()) - before) / ((count * 4) / 5)
    assert.equal(queue.depth, count)
    t.diagnostic(`${Math.round(each)} bytes an entry`)
    assert.ok(each < 300, `${each} bytes an entry`)
  }
  const start = performance.now()
  await using queue = await open()
  t.diagnostic(`opened with ${count} entries in ${Math.round(performance.now() - start)} ms`)
  assert.equal(queue.depth, count)
  assert.deepEqual(queue.findUnconfirmed(entry(77, '', 0).fingerprint), ['gw.1.77'])
})

test('mail for healthy destinations passes beside a sick one with a long line', async t => {
  let sickTries = 0
  const open = await queueFor(t, async (envelope, _, signal) => {
    if (!envelope.recipients[0]?.address.endsWith('@sick.test')) return envelope.recipients.map(() => delivered)
    sickTries++
    // It takes the connection and never answers.
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    return envelope.recipients.map(() => later)
  })
  await using queue = await open()
  for (let n = 0; n < 500; n++) await queue.add(entry(n, `u${n}@sick.test`, 100))
  const start = performance.now()
  for (let n = 0; n < 50; n++) await queue.add(entry(1000 + n, `u@well${n % 5}.test`, 100))
  while (queue.depth > 500 && performance.now() - start < 5000) await pause(5)
  assert.equal(queue.depth, 500, 'the healthy ones have their mail')
  assert.ok(sickTries <= 8, `${sickTries} connections at most to the sick one`)
  t.diagnostic(`50 messages passed in ${Math.round(performance.now() - start)} ms`)
})
