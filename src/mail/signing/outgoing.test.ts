import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { RecipientResult } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { readMessage } from '../authenticity/message.ts'
import { verifyDkim } from '../authenticity/dkim/verify.ts'
import { tableNames } from '../authenticity/names.testbed.ts'
import { silentEvents } from '../events.ts'
import type { DeliveryId } from '../ids.ts'
import { reportInto } from '../queue/dsn.ts'
import { openQueue } from '../queue/open-queue.ts'
import type { NewEntry } from '../queue/queue.ts'
import { recordText } from './dkim-key.ts'
import { outgoing } from './outgoing.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ed25519 = generateKeyPairSync('ed25519').privateKey
const names = tableNames({
  'r._domainkey.home.test': { TXT: [recordText(rsa)] },
  'e._domainkey.home.test': { TXT: [recordText(ed25519)] },
})
const signers = [
  { domain: 'home.test', selector: 'r', key: rsa },
  { domain: 'home.test', selector: 'e', key: ed25519 },
]
const keys = { signersFor: (domain: string) => (/(^|\.)home\.test$/.test(domain) ? signers : []) }
const options = { keys, clock: systemClock, log: silentLog }
const letter = 'From: Hanako <hanako@home.test>\r\nTo: aki@internet.test\r\nSubject: 手紙\r\n\r\nHello\r\n.\r\nbye\r\n'

function entry(text: string, change: Partial<NewEntry> = {}): NewEntry {
  return {
    id: 'home-out.1.1' as DeliveryId,
    envelope: {
      reversePath: 'hanako@home.test',
      recipients: [{ address: 'aki@internet.test' }],
      body: '8BITMIME',
      smtpUtf8: false,
    },
    trace: utf8('Received: by mail.home.test id 1; Fri, 27 Nov 2026 00:00:00 +0000\r\n'),
    message: memorySource(utf8(text)),
    facts: '{}',
    fingerprint: new Uint8Array(32),
    receivedAt: Date.now(),
    expiresAt: Date.now() + 1e9,
    ...change,
  }
}

async function bytesOf(source: MessageSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source.open()) chunks.push(chunk)
  return concatBytes(chunks)
}

async function verdicts(whole: Uint8Array): Promise<string[]> {
  const found = await verifyDkim(await readMessage(memorySource(whole)), { names, now: Date.now() })
  return found.map(({ result, domain, algorithm }) => `${result} ${domain} ${algorithm}`)
}

const bothPass = ['pass home.test rsa-sha256', 'pass home.test ed25519-sha256']

async function wholeOf(sent: NewEntry): Promise<Uint8Array> {
  return concatBytes([sent.trace, await bytesOf(sent.message)])
}

test('signed with both keys of the author’s domain, before our trace', async () => {
  const sent = await outgoing(entry(letter), options)
  assert.match(
    Buffer.from(sent.trace).toString(),
    /^DKIM-Signature: v=1; a=rsa-sha256;[^]*DKIM-Signature: [^]*\r\nReceived: /,
  )
  assert.deepEqual(await verdicts(await wholeOf(sent)), bothPass)
  assert.equal((await bytesOf(sent.message)).length, utf8(letter).length)
})

test('a bare CR or LF is made CRLF before it is signed; BINARYMIME stays as it is', async () => {
  const smuggled = `${letter}one\ntwo\rthree\r\n\n.\nfour\r`
  const sent = await outgoing(entry(smuggled), options)
  const text = Buffer.from(await bytesOf(sent.message)).toString()
  assert.ok(!/(?<!\r)\n|\r(?!\n)/.test(text))
  assert.ok(text.endsWith('one\r\ntwo\r\nthree\r\n\r\n.\r\nfour\r\n'), JSON.stringify(text.slice(-60)))
  assert.equal(sent.message.sizeBytes, utf8(text).length)
  assert.deepEqual(await verdicts(await wholeOf(sent)), bothPass)
  const cut: MessageSource = {
    sizeBytes: smuggled.length,
    place: { kind: 'stream' },
    async *open() {
      for (const byte of utf8(smuggled)) yield new Uint8Array([byte])
    },
  }
  assert.equal(
    Buffer.from(await bytesOf((await outgoing(entry('', { message: cut }), options)).message)).toString(),
    text,
  )
  const binary = await outgoing(entry(smuggled, { envelope: { ...entry('').envelope, body: 'BINARYMIME' } }), options)
  assert.equal(Buffer.from(await bytesOf(binary.message)).toString(), smuggled)
})

test('what others wrote and we send on is signed for who sends it on; without any key it leaves as it is', async () => {
  const foreign = letter.replace('hanako@home.test', 'aki@internet.test')
  const forwarded = await outgoing(entry(foreign), options)
  assert.deepEqual(await verdicts(await wholeOf(forwarded)), bothPass)
  const strange = { ...entry(foreign).envelope, reversePath: 'x@other.test' }
  const plain = await outgoing(entry(foreign, { envelope: strange }), options)
  assert.ok(!Buffer.from(plain.trace).includes('DKIM-Signature'))
  const noFrom = await outgoing(entry('Subject: x\r\n\r\n'), options)
  assert.ok(!Buffer.from(noFrom.trace).includes('DKIM-Signature'), 'it still leaves')
})

// Anybody could write to one of our people who forwards mail, with an author of ours, and get our signature under it
test('what a script sends on is not signed when it says that one of ours wrote it', async () => {
  const forged = await outgoing(entry(letter, { foreign: true }), options)
  assert.ok(!Buffer.from(forged.trace).includes('DKIM-Signature'))
  const second = letter.replace('From: ', 'From: aki@internet.test, ')
  const hidden = await outgoing(entry(second, { foreign: true }), options)
  assert.ok(!Buffer.from(hidden.trace).includes('DKIM-Signature'))
  const theirs = letter.replace('hanako@home.test', 'aki@internet.test')
  assert.deepEqual(await verdicts(await wholeOf(await outgoing(entry(theirs, { foreign: true }), options))), bothPass)
})

async function queueFolder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hikyaku-signing-'))
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }))
  return path
}

test('each attempt sends the same octets, and our report about it is signed too', async t => {
  const path = await queueFolder(t)
  const sent: { to: string; bytes: Uint8Array }[] = []
  const answers: RecipientResult[] = [
    { status: 'deferred', reply: smtpReply(451, '4.3.0', 'Later') },
    { status: 'deferred', reply: smtpReply(451, '4.3.0', 'Later') },
    { status: 'failed', reply: smtpReply(550, '5.1.1', 'No such user') },
  ]
  let queue: Awaited<ReturnType<typeof openQueue>> | undefined
  await using opened = await openQueue({
    file: join(path, 'queue.db'),
    spoolFolder: join(path, 'spool'),
    name: 'outbound',
    destinationOf: (_, recipient) => recipient,
    transportFor: () => async (envelope, message) => {
      const to = envelope.recipients[0]?.address ?? ''
      sent.push({ to, bytes: await bytesOf(message) })
      const answer = to === 'aki@internet.test' ? answers.shift() : undefined
      return [answer ?? { status: 'delivered', reply: smtpReply(250, '2.0.0', 'Stored') }]
    },
    clock: systemClock,
    log: silentLog,
    events: silentEvents,
    diskReserveBytes: 0,
    policy: { firstRetryMs: 10, maxRetryMs: 10, growth: 1, greylistRetryMs: 10 },
    prepare: given => outgoing(given, options),
    report: reportInto(() => queue, {
      reportingMta: 'mail.home.test',
      from: 'postmaster@mail.home.test',
      lifetimeMs: 1e9,
      clock: systemClock,
      events: silentEvents,
    }),
  })
  queue = opened
  await opened.add(entry(letter))
  for (let tries = 0; opened.depth > 0 && tries < 500; tries++) await pause(10)
  const [first, second, third, report] = sent
  assert.ok(first && second && third && report)
  assert.deepEqual([second.bytes, third.bytes], [first.bytes, first.bytes])
  assert.deepEqual(await verdicts(first.bytes), bothPass)
  assert.equal(report.to, 'hanako@home.test')
  assert.deepEqual(await verdicts(report.bytes), bothPass)
})
