import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { asciiText, utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { silentEvents } from './events.ts'
import type { AccountId } from './ids.ts'
import { dsnFor } from './queue/dsn.ts'
import { openQueue } from './queue/open-queue.ts'
import { again, collect, noSignal, send, sessionFacts, startFlow } from './receive/mail-flow.testbed.ts'
import { createSubmissionReceiver, type SubmissionOptions } from './submit.ts'

const hanako = 'hanako@home.test'
const aki = 'aki@internet.test'

async function start(t: TestContext, options: Partial<SubmissionOptions> = {}) {
  const flow = await startFlow(t)
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-submit-'))
  const left: { envelope: Envelope; bytes: string }[] = []
  const copies: string[] = []
  const reports: string[] = []
  const open = () =>
    openQueue({
      file: join(folder, 'queue.db'),
      spoolFolder: join(folder, 'spool'),
      name: 'outbound',
      destinationOf: (_, recipient) => recipient,
      transportFor: destination => async (envelope, whole) => {
        if (destination.startsWith('slow@'))
          return envelope.recipients.map(() => ({ status: 'deferred', reply: smtpReply(451, '4.3.0', 'Later') }))
        if (destination.startsWith('gone@'))
          return envelope.recipients.map(() => ({ status: 'failed', reply: smtpReply(550, '5.1.1', 'Nobody') }))
        left.push({ envelope, bytes: asciiText(await collect(whole)) })
        return envelope.recipients.map(() => ({ status: 'delivered', reply: smtpReply(250, '2.0.0', 'OK') }))
      },
      fileSentCopy: async (_, __, message) => void copies.push(asciiText(await collect(message))),
      async report(report) {
        const reporting = { reportingMta: 'home.home.test', from: 'postmaster@home.test', now: 0, lifetimeMs: 1_000 }
        const entry = await dsnFor(report, reporting)
        if (entry) reports.push(asciiText(await collect(entry.message)))
      },
      clock: systemClock,
      log: silentLog,
      events: silentEvents,
      diskReserveBytes: 0,
    })
  const queue = await open()
  const user = await flow.directory.user(hanako)
  const account = user?.account as AccountId
  const receiver = createSubmissionReceiver({
    name: 'home',
    boot: 1,
    hostname: 'home.home.test',
    directory: flow.directory,
    queue,
    fingerprintKey: new Uint8Array(32),
    clock: systemClock,
    log: silentLog,
    events: { ...silentEvents, record: event => void flow.events.push(event) },
    sizeLimitBytes: 10_000_000,
    ...options,
  })
  t.after(async () => {
    await queue[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  const login = { account, address: hanako, ended: noSignal }
  const session = sessionFacts('submission', { login, clientAddress: '198.51.100.23', helo: 'laptop.local' })
  const submit = async (message: MessageSource, recipients: readonly string[] = [aki], reversePath = hanako) =>
    send(receiver, recipients, message, { session, reversePath })
  const settledLeft = async (count: number) => {
    for (let tries = 0; left.length < count && tries < 200; tries++)
      await new Promise(resolve => setTimeout(resolve, 10))
    return left
  }
  return { flow, receiver, session, submit, left, copies, reports, settledLeft, queue }
}

function written(head: string, body = 'Hello\r\n'): MessageSource {
  return memorySource(utf8(`${head}\r\n${body}`))
}

test('a message without Date, Message-ID and with Bcc: completed, Bcc gone, the client nowhere in it', async t => {
  const { submit, settledLeft, copies } = await start(t)
  const sent = await submit(
    written(
      'From: Hanako <hanako@home.test>\r\nBcc: secret@internet.test,\r\n ken@internet.test\r\nTo: aki@internet.test\r\n',
    ),
    [aki, 'secret@internet.test'],
  )
  assert.match(sent.reply, /^250 2\.0\.0 Queued as home-out\.1\.1$/)
  sent.transaction.settle('confirmed')
  const left = await settledLeft(2)
  assert.deepEqual(
    left
      .map(({ envelope }) => envelope.recipients.map(({ address }) => address))
      .flat()
      .sort(),
    [aki, 'secret@internet.test'],
  )
  const text = left[0]?.bytes ?? ''
  assert.match(text, /^Received: by home\.home\.test with ESMTPA\s+id home-out\.1\.1;/)
  assert.match(text, /^Date: \w{3}, \d+ \w{3} \d{4} [\d:]{8} \+0000\r$/m)
  assert.match(text, /^Message-ID: <[0-9a-f]{32}@home\.home\.test>\r$/m)
  assert.match(text, /\r\nFrom: Hanako <hanako@home\.test>\r\nTo: aki@internet\.test\r\n\r\nHello\r\n$/)
  for (const { bytes } of left) assert.doesNotMatch(bytes, /Bcc|secret|ken@|198\.51\.100\.23|laptop/i)
  // whoever wrote it sees whom it went to; the rest is what the others got
  const [copy, ...more] = copies
  assert.deepEqual(more, [])
  const bcc = 'Bcc: secret@internet.test,\r\n ken@internet.test\r\n'
  assert.equal(copy?.split(bcc).length, 2)
  assert.equal(copy.replace(bcc, ''), text)
})

test('Bcc of a large message, twice, and as the last field without a line end: in the copy alone', async t => {
  const { submit, settledLeft, copies, queue } = await start(t)
  const large = 'x'.repeat(78).concat('\r\n').repeat(20_000)
  const from = 'From: hanako@home.test\r\nMessage-ID: <b@home.test>\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\n'
  const kept = [`${from}Subject: a\r\n\r\n${large}`, `${from}`]
  await submit(memorySource(utf8(`Resent-Bcc: a@x.test\r\n${from}BCC:b@x.test\r\n${kept[0]?.slice(from.length)}`)))
  await submit(memorySource(utf8(`${from}Bcc: c@x.test`)))
  const left = await settledLeft(2)
  for (let tries = 0; queue.depth > 0 && tries < 500; tries++) await new Promise(resolve => setTimeout(resolve, 10))
  for (const [at, bcc] of ['Resent-Bcc: a@x.test\r\nBCC:b@x.test\r\n', 'Bcc: c@x.test\r\n'].entries()) {
    const wire = left.find(({ bytes }) => bytes.endsWith(kept[at] ?? '-'))?.bytes ?? ''
    assert.doesNotMatch(wire, /bcc/i)
    const trace = wire.slice(0, -(kept[at]?.length ?? 0))
    assert.ok(copies.some(copy => copy === `${trace}${bcc}${kept[at]}`))
  }
})

test('a report gives the message back without Bcc', async t => {
  const { receiver, session, reports } = await start(t)
  const envelope = { reversePath: hanako, recipients: [], body: '7BIT', smtpUtf8: false, dsnReturn: 'FULL' } as const
  const begun = await receiver.begin(session, envelope, undefined, noSignal)
  assert.ok(begun.kind === 'open')
  await begun.transaction.recipient({ address: 'gone@internet.test' }, noSignal)
  const head = 'From: hanako@home.test\r\nBcc: secret@internet.test\r\nSubject: To nobody\r\n'
  await begun.transaction.message(written(head), noSignal)
  for (let tries = 0; reports.length === 0 && tries < 200; tries++)
    await new Promise(resolve => setTimeout(resolve, 10))
  assert.match(reports[0] ?? '', /Subject: To nobody\r\n\r\nHello\r\n/)
  assert.doesNotMatch(reports[0] ?? '', /secret|bcc/i)
})

test('what is complete is not touched', async t => {
  const { submit, settledLeft } = await start(t)
  const bytes =
    'Date: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <1@home.test>\r\nFrom: hanako@home.test\r\n\r\nHi\r\n'
  await submit(memorySource(utf8(bytes)))
  const [one] = await settledLeft(1)
  assert.ok(one?.bytes.endsWith(`\r\n${bytes}`))
  assert.equal(one?.bytes.match(/^(?:Date|Message-ID):/gm)?.length, 2)
})

test('who may send as whom', async t => {
  const { submit, receiver, session, flow } = await start(t)
  await flow.directory.addAlias('team@home.test', [hanako])
  const envelope = (reversePath: string): Envelope => ({ reversePath, recipients: [], body: '7BIT', smtpUtf8: false })
  const mail = async (reversePath: string, who = session) =>
    (await receiver.begin(who, envelope(reversePath), undefined, noSignal)).reply
  assert.equal((await mail(hanako, { ...session, login: undefined })).code, 530)
  assert.equal((await mail('')).code, 553)
  assert.equal((await mail('not an address')).code, 553)
  assert.equal((await mail('taro@home.test')).code, 553)
  assert.match((await mail('taro@home.test')).lines.join(), /SUB-FROM/)
  assert.equal((await mail(aki)).code, 553)
  for (const own of [hanako, 'Hanako@HOME.test', 'hanako+shop@home.test', 'team@home.test'])
    assert.equal((await mail(own)).code, 250)

  const heads: readonly (readonly [string, RegExp])[] = [
    ['From: hanako@home.test\r\n', /^250 /],
    ['From: =?utf-8?Q?H?= <team@home.test>\r\n', /^250 /],
    ['From: hanako@home.test, team@home.test\r\nSender: team@home.test\r\n', /^250 /],
    ['From: taro@home.test\r\n', /^553 5\.7\.1 SUB-FROM/],
    ['From: hanako@home.test, taro@home.test\r\n', /^553 5\.7\.1 /],
    ['From: hanako@home.test\r\nSender: taro@home.test\r\n', /^553 5\.7\.1 /],
    ['From: "hanako@home.test" <aki@internet.test>\r\n', /^553 5\.7\.1 /],
    ['From: hanako@home.test\r\nFrom: aki@internet.test\r\n', /^554 5\.6\.0 /],
    ['From: hanako@home.test\r\nSubject: a\r\nSubject: b\r\n', /^554 5\.6\.0 /],
    ['To: aki@internet.test\r\n', /^554 5\.6\.0 /],
    ['From: \r\n', /^554 5\.6\.0 /],
    ['From: hanako@home.test (c) taro@home.test\r\n', /^553 5\.7\.1 /],
    ['From: hanako@home.test@evil.test\r\n', /^55[34] 5\./],
    ['From: hanako@home.test (unclosed taro@home.test\r\n', /^553 5\.7\.1 /],
    ['From: "taro@home.test" (and (aki@internet.test)) <"hanako"@home.test>\r\n', /^250 /],
    [
      `From: hanako@home.test\r\nX: ${'x'.repeat(1024 * 1024)}\r\nBcc: aki@internet.test\r\n`,
      /^554 5\.6\.0 .*too long/,
    ],
  ]
  for (const [head, reply] of heads) assert.match((await submit(written(head))).reply, reply, head)
})

test('recipients: unknown names of our own domains are told at once', async t => {
  const { submit } = await start(t)
  const { recipients } = await submit(written('From: hanako@home.test\r\n'), [
    aki,
    'taro@home.test',
    'nobody@home.test',
    'gone@home.test',
    'no address',
    '"odd local"@internet.test',
  ])
  assert.deepEqual(
    recipients.map(reply => reply.slice(0, 9)),
    ['250 2.1.5', '250 2.1.5', '550 5.1.1', '550 5.2.1', '501 5.1.3', '250 2.1.5'],
  )
})

test('the rate of one user is bounded, and fills again', async t => {
  let monotonic = 0
  const { submit } = await start(t, { recipientsPerHour: 2, clock: { now: Date.now, monotonic: () => monotonic } })
  const message = () => written('From: hanako@home.test\r\n')
  const { recipients } = await submit(message(), [aki, aki, aki])
  assert.deepEqual(
    recipients.map(reply => reply.slice(0, 9)),
    ['250 2.1.5', '250 2.1.5', '450 4.7.1'],
  )
  monotonic = 1_800_000
  assert.match((await submit(message(), [aki])).recipients[0] ?? '', /^250 /)
})

test('resumed while a message is on its way into the queue: it is not held for ever', async t => {
  let paused = true
  const watch = { submitted: async () => 'hold' as const, withdrawn: async () => {}, isPaused: () => paused }
  const { submit, settledLeft, queue } = await start(t, { watch })
  const from = (id: number) => written(`From: hanako@home.test\r\nMessage-ID: <${id}@home.test>\r\n`)
  await submit(from(1))
  assert.deepEqual(
    (await queue.list()).flatMap(({ recipients }) => recipients.map(({ state }) => state)),
    ['held'],
  )
  paused = false
  await submit(from(2))
  const left = await settledLeft(1)
  assert.deepEqual([left.length, queue.depth > 0], [1, true])
  assert.match(left[0]?.bytes ?? '', /Message-ID: <2@home\.test>/)
})

test('paused while a message is on its way into the queue: it is held with the others', async t => {
  let paused = false
  const submitted = async () => {
    paused = true
    return 'go' as const
  }
  const { submit, queue } = await start(t, { watch: { submitted, withdrawn: async () => {}, isPaused: () => paused } })
  await submit(written('From: hanako@home.test\r\n'), ['slow@internet.test'])
  const states = async () => (await queue.list()).flatMap(({ recipients }) => recipients.map(({ state }) => state))
  for (let tries = 0; tries < 100 && (await states())[0] !== 'held'; tries++)
    await new Promise(resolve => setTimeout(resolve, 10))
  assert.deepEqual(await states(), ['held'])
})

test('a header that hides a second From behind a NUL, or has lines without end, is not sent', async t => {
  const { submit } = await start(t)
  const from = 'From: hanako@home.test\r\n'
  assert.match((await submit(written(`${from}From\0: ceo@bank.test\r\n`))).reply, /^554 5\.6\.0 The header holds a NUL/)
  assert.match(
    (await submit(written(`${from}${'A: b\r\n'.repeat(25_000)}`))).reply,
    /^554 5\.6\.0 The header is too long/,
  )
  assert.match((await submit(written(from, 'a NUL\0 below\r\n'))).reply, /^250 /)
})

test('too big, queue broken, disk full, directory down', async t => {
  const failing = (error: Error): Partial<SubmissionOptions> => ({
    queue: {
      add: () => Promise.reject(error),
      findUnconfirmed: () => [],
      confirm() {},
      gone() {},
      hold: async () => false,
      release: async () => false,
    },
  })
  const from = () => written('From: hanako@home.test\r\n')
  const broken = await start(t, failing(new Error('broken')))
  assert.match((await broken.submit(from())).reply, /^451 4\.3\.0 /)
  const full = await start(t, failing(Object.assign(new Error('full'), { code: 'DISK_FULL' })))
  assert.match((await full.submit(from())).reply, /^452 4\.3\.1 /)
  const down = () => Promise.reject(new Error('down'))
  const lost = await start(t, { directory: { maySendAs: down, resolve: down } })
  await assert.rejects(lost.submit(from()), /MAIL was refused: 451/)
  const small = await start(t, { sizeLimitBytes: 10 })
  assert.match((await small.submit(from())).reply, /^552 5\.3\.4 /)
})

// A program that tries again each minute while the disk is full used up its user's measure, and had the user paused.
test('what could not be taken in counts for nothing, however often it comes', async t => {
  const counted: number[] = []
  const watch: SubmissionOptions['watch'] = {
    submitted: async (_, recipients) => (counted.push(recipients.length), 'go'),
    withdrawn: async (_, recipients) => void counted.push(-recipients),
    isPaused: () => false,
  }
  const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'DISK_FULL' }))
  const queue = {
    add: full,
    findUnconfirmed: () => [],
    confirm() {},
    gone() {},
    hold: async () => true,
    release: async () => true,
  }
  const { submit } = await start(t, { watch, queue, recipientsPerHour: 2 })
  for (let times = 0; times < 5; times++) {
    const { recipients, reply } = await submit(written('From: hanako@home.test\r\n'), [aki, 'taro@home.test'])
    assert.match(reply, /^452 4\.3\.1 /)
    assert.deepEqual(
      recipients.map(one => one.slice(0, 3)),
      ['250', '250'],
    )
  }
  assert.deepEqual(counted, Array(5).fill([2, -2]).flat())
})

test('the connection broke after our yes: the client s retry is the same entry; two at once are two', async t => {
  const { submit, queue } = await start(t, { recipientsPerHour: 100 })
  const message = written('From: hanako@home.test\r\nMessage-ID: <2@home.test>\r\n')
  const slow = ['slow@internet.test']
  const first = await submit(message, slow)
  const sameTime = await submit(again(message), slow)
  assert.notEqual(first.reply, sameTime.reply)
  sameTime.transaction.settle('confirmed')
  first.transaction.settle('gone')
  assert.equal((await submit(again(message), slow)).reply, first.reply)
  assert.equal(queue.depth, 2)
})

test('sent on before its client had our yes: the retry is not sent again, also after a new start', async t => {
  const { submit, settledLeft, left, queue } = await start(t)
  const message = written(
    'From: hanako@home.test\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <r@home.test>\r\n',
  )
  const first = await submit(message)
  await settledLeft(1)
  for (let tries = 0; queue.depth > 0 && tries < 200; tries++) await new Promise(resolve => setTimeout(resolve, 10))
  first.transaction.settle('gone')
  const second = await submit(memorySource(utf8(asciiText(await collect(message)))))
  assert.equal(second.reply, first.reply)
  second.transaction.settle('confirmed')
  const third = await submit(message)
  assert.notEqual(third.reply, first.reply, 'the same bytes later are a new message')
  await settledLeft(2)
  assert.equal(left.length, 2)
})
