// What the queue reports to senders, and that nothing is lost where reporting fails.
import assert from 'node:assert/strict'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import type { RecipientResult } from '#formats/envelope.ts'
import { type MailEvent, silentEvents } from '../events.ts'
import type { Transport } from '../transport.ts'
import { reportInto } from './dsn.ts'
import type { Queue } from './queue.ts'
import type { QueueReport } from './report.ts'
import {
  delivered,
  busy,
  unknown,
  dayMs,
  folder,
  queueIn,
  entry,
  envelopeTo,
  until,
  bytesOf,
} from './open-queue.testbed.ts'

test('an entry leaves although telling of its results fails', async t => {
  // Once an event that could not be written kept a delivered entry in memory for ever.
  const broken = () => {
    throw new Error('no room for events')
  }
  const deliver: Transport = envelope => Promise.resolve(envelope.recipients.map(() => delivered))
  await using queue = await queueIn(await folder(t), deliver, { events: { ...silentEvents, record: broken } })
  await queue.add(entry('a.1.1', ['b@home.test']))
  await until(() => queue.depth === 0, 'the entry has left')
})

test('an expired entry fails, and the report is repeated until it was accepted', async t => {
  const path = await folder(t)
  const reports: QueueReport[] = []
  let refuse = true
  await using queue = await queueIn(path, async envelope => envelope.recipients.map(() => busy), {
    name: 'outbound',
    report: async report => {
      if (refuse) throw new Error('not now')
      reports.push(report)
    },
  })
  await queue.add(entry('home.1.1', ['a@internet.test'], { expiresAt: Date.now() }))
  await until(async () => (await queue.show('home.1.1'))?.recipients[0]?.state === 'failed', 'the expiry')
  assert.equal(queue.depth, 1, 'not before the sender was told')
  await queue[Symbol.asyncDispose]()
  refuse = false
  await using again = await queueIn(path, async () => [], { name: 'outbound', report: async r => void reports.push(r) })
  await until(() => again.depth === 0, 'the report after the restart')
  assert.equal(reports.length, 1)
  assert.equal(reports[0]?.kind, 'failed')
  assert.deepEqual(reports[0]?.recipients[0]?.result?.reply.lines, ['Mailbox full'])
  assert.equal(reports[0]?.recipients[0]?.expired, true)
})

test('failures, successes and delays are reported as NOTIFY asks', async t => {
  const path = await folder(t)
  const reports: string[] = []
  const events: MailEvent[] = []
  const over = { address: '192.0.2.7', tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384' }
  const asked = { ...delivered, remote: 'mx.internet.test', over }
  const answers: Record<string, RecipientResult> = { ok: asked, no: unknown, later: busy }
  const begun = Date.now()
  await using queue = await queueIn(
    path,
    async envelope =>
      envelope.recipients.map(({ address }) => answers[address.split('@')[0]?.slice(0, -1) ?? ''] ?? busy),
    {
      name: 'outbound',
      events: { ...silentEvents, record: event => void events.push(event) },
      policy: { firstRetryMs: 60_000, delayedAfterMs: 0 },
      report: async ({ kind, recipients }) =>
        void reports.push(`${kind}: ${recipients.map(({ recipient }) => recipient.address).join(' ')}`),
    },
  )
  const never = { never: true } as const
  const everything = { success: true, failure: true, delay: true }
  const addresses = ['ok', 'no', 'later'].flatMap(name => [
    { address: `${name}1@internet.test` },
    { address: `${name}2@internet.test`, notify: never },
    { address: `${name}3@internet.test`, notify: everything },
  ])
  await queue.add(entry('home.1.1', [], { envelope: { ...envelopeTo([]), recipients: addresses } }))
  await until(() => reports.length === 3, 'three reports')
  assert.deepEqual(reports.sort(), [
    'delayed: later1@internet.test later3@internet.test',
    'delivered: ok3@internet.test',
    'failed: no1@internet.test no3@internet.test',
  ])
  const kinds = events.map(event => event.kind)
  assert.deepEqual(kinds, [
    ...Array(3).fill('sent'),
    ...Array(3).fill('attempt-failed'),
    ...Array(3).fill('attempt-deferred'),
  ])
  // who was asked, how often by now, and when next
  assert.deepEqual(events[0]?.detail, {
    queue: 'outbound',
    remote: 'mx.internet.test',
    address: '192.0.2.7',
    tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
    attempts: 1,
  })
  const next = Number(events.at(-1)?.detail?.['next'])
  // a full mailbox: half an hour
  assert.ok(Math.abs(next - begun - 30 * 60_000) < 10_000, `in ${next - begun} ms`)
})

test('a bounce goes back through the queue that gave up, once', async t => {
  const path = await folder(t)
  const sent: string[] = []
  const events: MailEvent[] = []
  let queue: Queue | undefined
  const recording = { ...silentEvents, record: (event: MailEvent) => void events.push(event) }
  const report = reportInto(() => queue, {
    reportingMta: 'mail.home.test',
    from: 'postmaster@home.test',
    lifetimeMs: dayMs,
    clock: systemClock,
    events: recording,
  })
  await using opened = await queueIn(
    path,
    async (envelope, message) => {
      const text = (await bytesOf(message)).toString()
      return envelope.recipients.map(({ address }) => {
        if (address === 'nobody@internet.test') return unknown
        sent.push(`<${envelope.reversePath}> ${address} ${/^Status: .*$/m.exec(text)?.[0]?.trim()}`)
        return delivered
      })
    },
    { name: 'outbound', report },
  )
  queue = opened
  await queue.add(entry('home.1.1', ['nobody@internet.test']))
  await until(() => sent.length === 1 && queue?.depth === 0, 'the bounce')
  assert.deepEqual(sent, ['<> aki@internet.test Status: 5.1.1'])
  assert.deepEqual(
    events.map(({ kind, delivery, to }) => [kind, delivery, to]),
    [['dsn-made', 'home.1.1', 'aki@internet.test']],
  )
})
