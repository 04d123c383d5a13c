import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { silentLog } from '#base/log.ts'
import type { MailEvent } from './events.ts'
import { createEvents } from './events-store.ts'

const dayMs = 24 * 3600 * 1000

async function store(t: TestContext, now: () => number, maxEvents?: number) {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-trace-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  const clock = { now, monotonic: now }
  const bound = maxEvents === undefined ? {} : { maxEvents }
  return () => createEvents({ file: join(folder, 'trace', 'trace.db'), box: 'gw', clock, log: silentLog, ...bound })
}

const steps: readonly MailEvent[] = [
  { at: 1000, kind: 'connected', session: 's1', client: '192.0.2.1' },
  {
    at: 1001,
    kind: 'received',
    session: 's1',
    delivery: 'gw.1.1',
    messageId: '<a@internet.test>',
    from: 'aki@internet.test',
  },
  { at: 1002, kind: 'attempt-deferred', delivery: 'gw.1.1', to: 'hanako@home.test', reply: '451 4.4.1 No connection' },
  { at: 1003, kind: 'passed-on', delivery: 'gw.1.1', to: 'hanako@home.test', detail: { attempts: 2, late: true } },
  { at: 1004, kind: 'passed-on', delivery: 'gw.1.2', to: 'taro@home.test' },
]

test('events are found by delivery, Message-ID and address, oldest first, also after a restart', async t => {
  const open = await store(t, () => 2000)
  {
    await using events = await open()
    for (const step of steps) events.record(step)
    assert.deepEqual(await events.find({ about: 'taro@home.test' }), [{ ...steps[4], box: 'gw' }])
  }
  await using events = await open()
  const kinds = async (about: string, since = 0) => (await events.find({ about, since })).map(event => event.kind)
  assert.deepEqual(await kinds('gw.1.1'), ['received', 'attempt-deferred', 'passed-on'])
  assert.deepEqual(
    await kinds('<a@internet.test>'),
    ['received', 'attempt-deferred', 'passed-on'],
    'all steps of its delivery',
  )
  assert.deepEqual(await kinds('aki@internet.test'), ['received'])
  assert.deepEqual(await kinds('hanako@home.test'), ['attempt-deferred', 'passed-on'])
  assert.deepEqual(await kinds('hanako@home.test', 1003), ['passed-on'])
  assert.deepEqual(await kinds('nobody@home.test'), [])
  assert.deepEqual((await events.find({ about: 'gw.1.1', limit: 1 }))[0], { ...steps[3], box: 'gw' }, 'the newest')
})

test('events older than 30 days and beyond the bound are removed', async t => {
  let now = 0
  const open = await store(t, () => now, 100)
  await using events = await open()
  for (let n = 0; n < 300; n++)
    events.record({ at: n, kind: 'delivered', to: 'hanako@home.test', delivery: `gw.1.${n}` })
  await events.flush()
  await events.sweep()
  const left = await events.find({ about: 'hanako@home.test' })
  assert.equal(left.length, 100)
  assert.equal(left[0]?.delivery, 'gw.1.200', 'the oldest went first')
  now = 31 * dayMs
  await events.sweep()
  assert.deepEqual(await events.find({ about: 'hanako@home.test' }), [])
})

test('a flood is bounded: what cannot be written in time is dropped and counted', async t => {
  const open = await store(t, () => 0)
  await using events = await open()
  for (let n = 0; n < 60_000; n++) events.record({ at: n, kind: 'connected', client: '192.0.2.1' })
  await events.flush()
  assert.ok(events.dropped > 0 && events.dropped < 60_000, `${events.dropped} dropped`)
})
