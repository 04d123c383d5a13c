import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { type MailEvent, silentEvents } from '../events.ts'
import type { AccountId, DeliveryId } from '../ids.ts'
import type { Transport } from '../transport.ts'
import { openQueue, type QueueOptions, QueueRefusal } from './open-queue.ts'
import { reportInto } from './dsn.ts'
import type { NewEntry, Queue } from './queue.ts'
import type { QueueReport } from './report.ts'

const delivered: RecipientResult = { status: 'delivered', reply: smtpReply(250, '2.0.0', 'Stored') }
const busy: RecipientResult = { status: 'deferred', reply: smtpReply(452, '4.2.2', 'Mailbox full') }
const away: RecipientResult = { status: 'deferred', reply: smtpReply(451, '4.4.1', 'No connection') }
const unknown: RecipientResult = { status: 'failed', reply: smtpReply(550, '5.1.1', 'No such user') }
const dayMs = 24 * 3600 * 1000

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hikyaku-queue-'))
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }))
  return path
}

function queueIn(path: string, transport: Transport, options: Partial<QueueOptions> = {}) {
  return openQueue({
    file: join(path, 'queue.db'),
    spoolFolder: join(path, 'spool'),
    name: 'hold',
    destinationOf: (_, recipient) => recipient.slice(recipient.lastIndexOf('@') + 1),
    transportFor: () => transport,
    clock: systemClock,
    log: silentLog,
    events: silentEvents,
    diskReserveBytes: 0,
    policy: { firstRetryMs: 30, maxRetryMs: 100, jitter: 0 },
    ...options,
  })
}

function entry(id: string, recipients: readonly string[], change: Partial<NewEntry> = {}): NewEntry {
  const now = Date.now()
  return {
    id: id as DeliveryId,
    envelope: envelopeTo(recipients),
    trace: utf8('Received: from a.example by mx.home.test\r\n'),
    message: memorySource(utf8('Subject: hello\r\n\r\nText\r\n')),
    facts: '{}',
    fingerprint: utf8(id.padEnd(32, '.')),
    receivedAt: now,
    expiresAt: now + 30 * dayMs,
    ...change,
  }
}

function envelopeTo(recipients: readonly string[]): Envelope {
  const list = recipients.map(address => ({ address }))
  return { reversePath: 'aki@internet.test', recipients: list, body: '8BITMIME', smtpUtf8: false }
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await condition()) return
    await pause(10)
  }
  assert.fail(`Waited in vain: ${what}`)
}

async function bytesOf(source: { open(): AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source.open()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('a message goes out once, our fields before it, and leaves nothing behind', async t => {
  const path = await folder(t)
  const seen: string[] = []
  await using queue = await queueIn(path, async (envelope, message) => {
    seen.push((await bytesOf(message)).toString())
    return envelope.recipients.map(() => delivered)
  })
  assert.equal(await queue.add(entry('gw.1.1', ['hanako@home.test'])), 'added')
  await until(() => queue.depth === 0, 'the message to leave')
  assert.deepEqual(seen, ['Received: from a.example by mx.home.test\r\nSubject: hello\r\n\r\nText\r\n'])
  assert.equal(await queue.add(entry('gw.1.1', ['hanako@home.test'])), 'exists', 'also after it has left')
  assert.equal(await queue.show('gw.1.1'), undefined)
})

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

test('recipients are grouped by destination; those delivered are never tried again', async t => {
  const path = await folder(t)
  const attempts: string[][] = []
  await using queue = await queueIn(path, async envelope => {
    attempts.push(envelope.recipients.map(({ address }) => address))
    const second = attempts.length > 2
    return envelope.recipients.map(({ address }) => (address.startsWith('slow') && !second ? busy : delivered))
  })
  await queue.add(entry('gw.1.1', ['a@home.test', 'slow@home.test', 'b@other.test']))
  await until(() => queue.depth === 0, 'all to be delivered')
  assert.deepEqual(attempts[0], ['a@home.test', 'slow@home.test'])
  assert.deepEqual(attempts[1], ['b@other.test'])
  assert.deepEqual(attempts[2], ['slow@home.test'])
  assert.equal(attempts.length, 3)
})

test('a large body is a file while it waits, and the file goes with the entry', async t => {
  const path = await folder(t)
  const body = Buffer.alloc(300 * 1024, 'x')
  let reachable = false
  let got = 0
  await using queue = await queueIn(path, async (envelope, message) => {
    if (!reachable) return envelope.recipients.map(() => busy)
    assert.equal(message.place.kind, 'file')
    got = (await bytesOf(message)).length
    assert.equal(got, message.sizeBytes)
    return envelope.recipients.map(() => delivered)
  })
  await queue.add(entry('gw.1.1', ['a@home.test'], { message: memorySource(body) }))
  assert.equal((await readdir(join(path, 'spool'))).length, 1)
  assert.equal(await queue.add(entry('gw.1.1', ['a@home.test'], { message: memorySource(body) })), 'exists')
  assert.equal((await readdir(join(path, 'spool'))).length, 1, 'the repeat leaves no file')
  reachable = true
  await until(() => queue.depth === 0, 'the large message to leave')
  assert.equal(got, body.length + entry('x', []).trace.length)
  assert.deepEqual(await readdir(join(path, 'spool')), [])
})

test('after a restart everything undelivered is there, with its results', async t => {
  const path = await folder(t)
  {
    await using queue = await queueIn(path, async envelope =>
      envelope.recipients.map(({ address }) => (address.startsWith('a') ? delivered : busy)),
    )
    await queue.add(entry('gw.1.1', ['a@home.test', 'b@home.test']))
    await until(async () => (await queue.show('gw.1.1'))?.recipients[0]?.state === 'delivered', 'the first result')
  }
  const attempts: string[][] = []
  const looked = Promise.withResolvers<void>()
  await using queue = await queueIn(path, async envelope => {
    attempts.push(envelope.recipients.map(({ address }) => address))
    await looked.promise
    return envelope.recipients.map(() => delivered)
  })
  assert.equal(queue.depth, 1)
  looked.resolve()
  await until(() => queue.depth === 0, 'the rest to be delivered')
  assert.deepEqual(attempts, [['b@home.test']])
})

test("a sender's retry finds the entry only while its attempt is gone and unconfirmed", async t => {
  const path = await folder(t)
  const never: Transport = async envelope => envelope.recipients.map(() => busy)
  const one = entry('gw.1.1', ['a@home.test'])
  const two = entry('gw.1.2', ['a@home.test'])
  {
    await using queue = await queueIn(path, never)
    await queue.add(one)
    await queue.add(two)
    assert.deepEqual(queue.findUnconfirmed(one.fingerprint), [], 'its sender is still there')
    queue.gone(one.id)
    assert.deepEqual(queue.findUnconfirmed(one.fingerprint), [one.id])
    queue.confirm(one.id)
    assert.deepEqual(queue.findUnconfirmed(one.fingerprint), [])
  }
  await using again = await queueIn(path, never)
  assert.deepEqual(again.findUnconfirmed(one.fingerprint), [], 'the confirmation is on disk')
  assert.deepEqual(again.findUnconfirmed(two.fingerprint), [two.id], 'a restart lost its sender')
  await again.remove(two.id)
  assert.deepEqual(again.findUnconfirmed(two.fingerprint), [], 'it has left')
})

test("delivered before its sender had our 250: the sender's retry finds it, also after a restart, until it is confirmed", async t => {
  const path = await folder(t)
  const takes: Transport = async envelope => envelope.recipients.map(() => delivered)
  const prints = ['a', 'b'].map(text => utf8(text.repeat(32)))
  const one = entry('gw.1.1', ['a@home.test'], { fingerprint: utf8(`${'a'.repeat(32)}${'b'.repeat(32)}`) })
  const find = (queue: Queue) => prints.map(print => queue.findUnconfirmed(print).length)
  {
    await using queue = await queueIn(path, takes)
    await queue.add(one)
    await until(() => queue.depth === 0, 'its delivery')
    assert.deepEqual(find(queue), [0, 0], 'its sender is still there')
  }
  {
    await using queue = await queueIn(path, takes)
    assert.deepEqual(find(queue), [1, 1])
    queue.confirm(one.id, prints.slice(0, 1))
    assert.deepEqual(find(queue), [0, 1])
  }
  {
    await using queue = await queueIn(path, takes)
    assert.deepEqual(find(queue), [0, 1], 'on disk')
    queue.confirm(one.id)
  }
  await using queue = await queueIn(path, takes)
  assert.deepEqual(find(queue), [0, 0])
})

test('hold, release, retry, remove', async t => {
  const path = await folder(t)
  let tries = 0
  let reachable = false
  const transport: Transport = async envelope => {
    tries++
    return envelope.recipients.map(() => (reachable ? delivered : busy))
  }
  await using queue = await queueIn(path, transport, { policy: { firstRetryMs: 60_000, jitter: 0 } })
  await queue.add(entry('gw.1.1', ['a@home.test']))
  await until(() => tries === 1, 'the first attempt')
  await until(async () => (await queue.show('gw.1.1'))?.recipients[0]?.attempts === 1, 'its result')
  assert.equal(await queue.hold('gw.1.1'), true)
  assert.equal(await queue.retry(), 0, 'a held entry is not tried')
  assert.equal((await queue.list())[0]?.recipients[0]?.state, 'held')
  assert.equal(await queue.release('gw.1.1'), true)
  await until(() => tries === 2, 'the attempt after the release')
  await until(async () => (await queue.show('gw.1.1'))?.recipients[0]?.attempts === 2, 'its result')
  reachable = true
  assert.equal(await queue.retry('gw.1.1'), 1)
  await until(() => queue.depth === 0, 'the delivery')
  assert.equal(await queue.remove('gw.1.1'), false)
})

test('wake tries everything at once, one probe first when nothing was reachable', async t => {
  const path = await folder(t)
  let reachable = false
  let running = 0
  let mostRunning = 0
  const order: string[] = []
  const transport: Transport = async envelope => {
    running++
    mostRunning = Math.max(mostRunning, running)
    await pause(2)
    running--
    if (reachable) order.push(envelope.recipients[0]?.address ?? '')
    return envelope.recipients.map(() => (reachable ? delivered : away))
  }
  const policy = { firstRetryMs: 60_000, maxRetryMs: 60_000, jitter: 0, parallelPerDestination: 3 }
  await using queue = await queueIn(path, transport, { policy })
  for (let n = 1; n <= 20; n++)
    await queue.add(entry(`gw.1.${n}`, [`u${n}@home.test`], { receivedAt: Date.now() - n * 1000 }))
  await until(() => running === 0, 'the first attempts to fail')
  assert.equal(queue.depth, 20)
  reachable = true
  mostRunning = 0
  queue.wake()
  await until(() => queue.depth === 0, 'all to be delivered')
  assert.ok(mostRunning <= 3)
  assert.equal(order.length, 20)
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

test('a start with a wall clock far ahead expires nothing, and one far behind delays nothing', async t => {
  const path = await folder(t)
  let aheadMs = 0
  let monotonicMs = 0
  const clock = { now: () => Date.now() + aheadMs, monotonic: () => performance.now() + monotonicMs }
  const tries: string[] = []
  const refuses: Transport = async envelope => {
    tries.push(...envelope.recipients.map(({ address }) => address))
    return envelope.recipients.map(() => away)
  }
  const state = async (queue: Queue) => (await queue.show('gw.1.1'))?.recipients[0]?.state
  const tried = async (queue: Queue) => {
    const before = tries.length
    await until(async () => {
      await queue.retry()
      return tries.length > before + 1
    }, 'an attempt')
  }
  {
    await using queue = await queueIn(path, refuses, { clock })
    await queue.add(entry('gw.1.1', ['a@home.test'], { notBefore: Date.now() + 60_000 }))
  }
  aheadMs = -400 * dayMs
  {
    await using queue = await queueIn(path, refuses, { clock })
    const [first] = await queue.list()
    assert.equal(first?.recipients[0]?.attempts, 0)
    monotonicMs = 61_000
    await tried(queue)
  }
  aheadMs = 60 * dayMs
  await using queue = await queueIn(path, refuses, { clock })
  await tried(queue)
  assert.match((await state(queue)) ?? '', /waiting|trying/, 'by the clock its time was over long ago')
  // The clock is set right, more than the grace after the start
  aheadMs = 0
  monotonicMs += 2 * dayMs
  await tried(queue)
  assert.match((await state(queue)) ?? '', /waiting|trying/)
  aheadMs = 60 * dayMs
  await until(async () => (await queue.retry()) === 0 && queue.depth === 0, 'its time to be over by both clocks')
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

test('the copy for Sent is filed once, and the entry stays until it is', async t => {
  const path = await folder(t)
  const filed: string[] = []
  await using queue = await queueIn(path, async envelope => envelope.recipients.map(() => delivered), {
    name: 'outbound',
    fileSentCopy: async (account, id) => void filed.push(`${account} ${id}`),
  })
  await queue.add(entry('home.1.1', ['a@internet.test'], { sentCopy: 'abcdefghijklmnop' as AccountId }))
  await until(() => queue.depth === 0, 'message and copy')
  assert.deepEqual(filed, ['abcdefghijklmnop home.1.1.sent'])
})

test('a transport that throws, answers too little or never ends is a deferral', async t => {
  const path = await folder(t)
  const modes = ['throw', 'few', 'ok']
  let aborted = false
  await using queue = await queueIn(
    path,
    async (envelope, _, signal) => {
      const mode = modes.shift()
      if (mode === 'throw') throw new Error('a bug')
      if (mode === 'few') return []
      if (mode === 'ok') return envelope.recipients.map(() => delivered)
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      aborted = true
      return envelope.recipients.map(() => away)
    },
    { policy: { firstRetryMs: 20, maxRetryMs: 20, jitter: 0, attemptTimeoutMs: 50 } },
  )
  await queue.add(entry('gw.1.1', ['a@home.test']))
  await until(() => queue.depth === 0, 'the third attempt')
  await queue.add(entry('gw.1.2', ['a@home.test']))
  await until(() => aborted, 'the deadline')
})

test('the reserve refuses new mail, and room admits it again', async t => {
  const path = await folder(t)
  await using queue = await queueIn(path, async () => [], { diskReserveBytes: 2 ** 60 })
  await assert.rejects(queue.add(entry('gw.1.1', ['a@home.test'])), (error: unknown) => {
    assert.ok(error instanceof QueueRefusal)
    return error.code === 'DISK_FULL'
  })
  assert.equal(queue.depth, 0)
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

test('after a change of routes waiting mail takes the new way', async t => {
  const path = await folder(t)
  const ways: string[] = []
  let way = 'old'
  await using queue = await queueIn(path, async () => [], {
    destinationOf: () => way,
    transportFor: destination => async envelope => {
      ways.push(destination)
      return envelope.recipients.map(() => (destination === 'new' ? delivered : busy))
    },
    policy: { firstRetryMs: 60_000 },
  })
  await queue.add(entry('home.1.1', ['a@internet.test']))
  await until(async () => (await queue.show('home.1.1'))?.recipients[0]?.attempts === 1, 'the first attempt')
  way = 'new'
  await queue.reroute()
  await queue.retry()
  await until(() => queue.depth === 0, 'the delivery')
  assert.deepEqual(ways, ['old', 'new'])
})

test('what is being tried while the routes change takes the new way after that', async t => {
  const path = await folder(t)
  const ways: string[] = []
  const { promise: answer, resolve: letAnswer } = Promise.withResolvers<void>()
  let way = 'old'
  await using queue = await queueIn(path, async () => [], {
    destinationOf: () => way,
    transportFor: destination => async envelope => {
      ways.push(destination)
      if (destination === 'old') await answer
      return envelope.recipients.map(() => (destination === 'new' ? delivered : busy))
    },
    policy: { firstRetryMs: 300, jitter: 0 },
  })
  await queue.add(entry('home.1.1', ['a@internet.test']))
  await until(() => ways.length === 1, 'the first attempt')
  way = 'new'
  await queue.reroute()
  letAnswer()
  await until(() => queue.depth === 0, 'the delivery')
  assert.deepEqual(ways, ['old', 'new'])
})
