// FUTURERELEASE and ways chosen by hand, in the durable queue.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { type Events, type MailEvent, silentEvents } from '../events.ts'
import type { DeliveryId } from '../ids.ts'
import { openQueue } from './open-queue.ts'
import type { NewEntry } from './queue.ts'

async function bed(t: TestContext, deferred: readonly string[] = [], events: Events = silentEvents) {
  const path = await mkdtemp(join(tmpdir(), 'hikyaku-release-'))
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }))
  const tried: string[] = []
  const open = () =>
    openQueue({
      file: join(path, 'queue.db'),
      spoolFolder: join(path, 'spool'),
      name: 'outbound',
      destinationOf: (_, recipient, via) =>
        via === undefined ? `rules ${recipient}` : `by hand ${[via].flat().join()}`,
      transportFor: destination => async envelope => {
        tried.push(destination)
        const reply = deferred.some(one => destination.startsWith(one))
          ? smtpReply(450, '4.2.1', 'Later')
          : smtpReply(250, '2.0.0', 'Taken')
        return envelope.recipients.map(() => ({ status: reply.code < 300 ? 'delivered' : 'deferred', reply }) as const)
      },
      clock: systemClock,
      log: silentLog,
      events,
      diskReserveBytes: 0,
    })
  return { open, tried }
}

function entry(change: Partial<NewEntry> = {}): NewEntry {
  return {
    id: 'home-out.1.1' as DeliveryId,
    envelope: { reversePath: 'a@home.test', recipients: [{ address: 'x@d.test' }], body: '7BIT', smtpUtf8: false },
    trace: new Uint8Array(0),
    message: memorySource(utf8('Subject: x\r\n\r\n')),
    facts: '{}',
    fingerprint: new Uint8Array(32),
    receivedAt: Date.now(),
    expiresAt: Date.now() + 1e9,
    ...change,
  }
}

test('what is to be sent later waits for its time, whatever wakes the queue, and across a restart', async t => {
  const { open, tried } = await bed(t)
  const releaseAt = Date.now() + 3000
  {
    await using queue = await open()
    await queue.add(entry({ releaseAt }))
    queue.wake()
    assert.equal(await queue.retry(), 0)
    await queue.hold('home-out.1.1')
    await queue.release('home-out.1.1')
    await pause(100)
    assert.deepEqual(tried, [])
    assert.equal((await queue.show('home-out.1.1'))?.releaseAt, releaseAt)
  }
  await using queue = await open()
  await pause(50)
  assert.deepEqual(tried, [])
  for (let tries = 0; queue.depth > 0 && tries < 600; tries++) await pause(10)
  assert.deepEqual(tried, ['rules x@d.test'])
  assert.ok(Date.now() >= releaseAt)
})

test('named by its id it goes at once, or is cancelled', async t => {
  const { open, tried } = await bed(t)
  await using queue = await open()
  await queue.add(entry({ releaseAt: Date.now() + 60_000 }))
  await queue.add(entry({ id: 'home-out.1.2' as DeliveryId, releaseAt: Date.now() + 60_000 }))
  assert.equal(await queue.remove('home-out.1.2'), true)
  assert.equal(await queue.retry('home-out.1.1'), 1)
  for (let tries = 0; queue.depth > 0 && tries < 300; tries++) await pause(10)
  assert.deepEqual(tried, ['rules x@d.test'])
})

test('a way chosen by hand is kept across a restart, and taken back', async t => {
  const { open, tried } = await bed(t, ['rules', 'by hand one'])
  const id = 'home-out.1.1'
  const until = async (destination: string) => {
    for (let tries = 0; !tried.includes(destination) && tries < 300; tries++) await pause(10)
    assert.ok(tried.includes(destination), tried.join())
  }
  {
    await using queue = await open()
    await queue.add(entry())
    await until('rules x@d.test')
    await pause(50)
    assert.equal(await queue.sendVia(id, ['one']), true)
    await until('by hand one')
    assert.equal(await queue.sendVia('nobody', 'mx'), false)
  }
  await using queue = await open()
  assert.deepEqual((await queue.show(id))?.via, ['one'])
  tried.length = 0
  assert.equal(await queue.sendVia(id, undefined), true)
  await until('rules x@d.test')
  await pause(50)
  assert.equal(await queue.sendVia(id, ['one', 'two']), true)
  await until('by hand one,two')
  await pause(50)
  assert.equal(await queue.sendVia(id, 'mx'), true)
  for (let tries = 0; queue.depth > 0 && tries < 300; tries++) await pause(10)
  assert.equal(queue.depth, 0)
  assert.equal(tried.at(-1), 'by hand mx')
})

test('what an administrator removes says so in its trace: for those who had not got it yet', async t => {
  const told: MailEvent[] = []
  const { open, tried } = await bed(t, ['rules later'], { ...silentEvents, record: event => void told.push(event) })
  await using queue = await open()
  const recipients = [{ address: 'now@d.test' }, { address: 'later@d.test' }]
  await queue.add(entry({ envelope: { ...entry().envelope, recipients } }))
  const kinds = () => told.map(({ delivery, kind, to }) => `${delivery} ${kind} ${to}`).toSorted()
  for (let tries = 0; kinds().length < 2 && tries < 300; tries++) await pause(10)
  assert.equal(tried.length, 2)
  assert.equal(await queue.remove('home-out.1.1'), true)
  assert.equal(await queue.remove('home-out.1.1'), false)
  assert.deepEqual(kinds(), [
    'home-out.1.1 attempt-deferred later@d.test',
    'home-out.1.1 removed later@d.test',
    'home-out.1.1 sent now@d.test',
  ])
})
