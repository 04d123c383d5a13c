import assert from 'node:assert/strict'
import test from 'node:test'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { inProcessDownstream } from './deliver/in-process.ts'
import { localTransport } from './deliver/local-transport.ts'
import type { DeliveryFacts } from './downstream.ts'
import { signFacts } from './facts.ts'
import { receivedHash } from './fingerprint.ts'
import type { DeliveryId } from './ids.ts'
import {
  again,
  collect,
  deliverNow,
  envelopeFrom,
  type Flow,
  letter,
  linkKey,
  noSignal,
  pause,
  send,
  sessionFacts,
  startFlow,
  storedText,
} from './receive/mail-flow.testbed.ts'
import { createGatewayReceiver } from './receive.ts'
import type { SessionFacts } from './receiving.ts'

const hanako = 'hanako@home.test'
const taro = 'taro@home.test'
const postfix = sessionFacts('lmtp', { id: 'postfix' })

test('a plain LMTP peer gets a verdict for each recipient and an id made here', async t => {
  const flow = await startFlow(t)
  const sent = await send(flow.home, [hanako, 'nobody@home.test', taro], letter(), { session: postfix })
  assert.deepEqual(
    sent.recipients.map(reply => reply.slice(0, 9)),
    ['250 2.1.5', '550 5.1.1', '250 2.1.5'],
  )
  assert.deepEqual(
    sent.results.map(({ status, reply }) => `${status} ${reply.lines[0]}`),
    ['delivered <hanako@home.test> home-lmtp.1.1 Saved', 'delivered <taro@home.test> home-lmtp.1.1 Saved'],
  )
})

test('home never relays', async t => {
  const flow = await startFlow(t)
  for (const address of [
    'a@internet.test',
    'a%internet.test@home.test',
    '@home.test:a@internet.test',
    'a@[192.0.2.1]',
  ]) {
    const { recipients } = await send(flow.home, [address], letter(), { session: postfix })
    assert.match(recipients[0] ?? '', /^550 5\.(?:7\.1|1\.1) /, address)
  }
})

test('several names of one account are several deliveries; an alias reaches each account once', async t => {
  const flow = await startFlow(t)
  await send(flow.home, [hanako, 'hanako+list@home.test', 'Hanako@HOME.test', 'both@home.test'], letter(), {
    session: postfix,
  })
  // hanako@ twice is one recipient
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [3, 1])
})

test('an alias to two accounts, one failing: not delivered yet; the repeat stores only the missing one', async t => {
  const failures = new Map<string, number>()
  const flow = await startFlow(t, { failures })
  const user = await flow.directory.user(taro)
  failures.set(`both@home.test ${user?.account}`, 1)
  const { home } = flow
  const message = letter()
  const first = await send(home, ['both@home.test'], message, { session: postfix })
  assert.match(first.reply, /^451 4\.3\.0 /)
  first.transaction.settle('confirmed')
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 0])
  const second = await send(home, ['both@home.test'], again(message), { session: postfix })
  assert.match(second.reply, /^250 /)
  second.transaction.settle('confirmed')
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 1])
})

test('a plain peer that lost our answer sends again: stored once; after a confirmed one, again', async t => {
  const flow = await startFlow(t)
  const message = letter()
  for (const outcome of ['gone', 'gone', 'confirmed', 'confirmed'] as const) {
    const sent = await send(flow.home, [hanako], again(message), { session: postfix })
    sent.transaction.settle(outcome)
  }
  assert.equal(await flow.count(hanako), 2)
  await pause(5)
})

test('home starts anew between: the retry of a plain peer is stored once', async t => {
  const flow = await startFlow(t)
  const message = letter()
  await send(flow.home, [hanako], message, { session: postfix })
  await flow.restartHome()
  await send(flow.home, [hanako], again(message), { session: postfix })
  assert.equal(await flow.count(hanako), 1)
})

test('quota and disk: 452 at RCPT; mail from the hold is taken', async t => {
  const flow = await startFlow(t, { quotaOf: () => 100 })
  const { recipients } = await send(flow.home, [hanako], letter(), { session: postfix, declaredSize: 5_000 })
  assert.match(recipients[0] ?? '', /^452 4\.2\.2 /)
  const late = await send(flow.home, [hanako], letter('x'.repeat(500)), { session: postfix })
  assert.match(late.reply, /^452 4\.2\.2 /, 'a peer that did not tell the size hears it after the message')
  flow.link.fault = 'away'
  await deliverNow(flow.gateway, [hanako], letter('y'.repeat(500)))
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 1)
  const full = await startFlow(t, { diskReserveBytes: Number.MAX_SAFE_INTEGER })
  const refused = await send(full.home, [hanako], letter(), { session: postfix })
  assert.match(refused.recipients[0] ?? '', /^452 4\.3\.1 /)
})

test('the directory or the store cannot be used: 451, never 550', async t => {
  const flow = await startFlow(t, {
    home: { directory: { resolve: () => Promise.reject(new Error('down')), domains: () => Promise.resolve([]) } },
  })
  const { recipients } = await send(flow.home, [hanako], letter(), { session: postfix })
  assert.match(recipients[0] ?? '', /^451 4\.3\.0 /)
})

test('a message that was here before is a loop', async t => {
  const flow = await startFlow(t)
  const marked = letter('Loop', 'Delivered-To: Hanako@home.test\r\n')
  assert.match((await send(flow.home, [hanako], marked, { session: postfix })).reply, /^554 5\.4\.6 /)
  assert.match((await send(flow.home, [taro], again(marked), { session: postfix })).reply, /^250 /)
  const hops = letter('Loop', 'Received: from a by b; Mon, 23 Nov 2026 02:00:00 +0000\r\n'.repeat(25))
  assert.match((await send(flow.home, [hanako], hops, { session: postfix })).reply, /^554 5\.4\.6 /)
})

test('imitated facts in front of a message are cut off, several too; the message is a plain one', async t => {
  const flow = await startFlow(t)
  const message = letter('Imitation')
  const field = utf8('hikyaku-delivery: v1\r\n AAAA\r\n')
  const source = memorySource(concatBytes([field, field, await collect(message)]))
  const sent = await send(flow.home, [hanako], source, { session: postfix })
  assert.match(sent.reply, /home-lmtp\.1\.1 Saved/)
  const text = await storedText(flow, hanako)
  assert.doesNotMatch(text, /hikyaku-delivery/i)
  assert.match(text, /\r\nFrom: Aki/)
})

// ---- what a gateway tells

const gateway = sessionFacts('lmtp', { id: 'gateway-session', gateway: 'gateway' })
const trace = utf8('Received: from x by mx.home.test; Mon, 23 Nov 2026 02:00:00 +0000\r\n')

function factsOf(more: Partial<DeliveryFacts> = {}, attempt: Partial<DeliveryFacts['attempt']> = {}): DeliveryFacts {
  return {
    attempt: { id: 'gateway.5.1' as DeliveryId, origin: 'gateway', boot: 5, gone: [], confirmed: false, ...attempt },
    clientAddress: '192.0.2.7',
    helo: 'mx.internet.test',
    tls: undefined,
    receivedAt: Date.now(),
    held: false,
    ...more,
  }
}

async function told(
  flow: Flow,
  message: MessageSource,
  options: {
    facts?: DeliveryFacts
    recipients?: readonly string[]
    bound?: readonly string[]
    key?: Uint8Array
    signedAt?: number
    session?: SessionFacts
    tamper?: (bytes: Uint8Array) => Uint8Array
  } = {},
): Promise<string> {
  const recipients = options.recipients ?? [hanako]
  const bound = {
    recipients: options.bound ?? recipients,
    hash: await receivedHash(message),
    sizeBytes: message.sizeBytes,
    trace,
  }
  const field = signFacts(options.facts ?? factsOf(), bound, options.key ?? linkKey, options.signedAt)
  const bytes = concatBytes([field, trace, await collect(message)])
  const source = memorySource(options.tamper?.(bytes) ?? bytes)
  return (await send(flow.home, recipients, source, { session: options.session ?? gateway })).reply
}

test('a gateway s facts: each kind of tampering is a 451 and nothing is stored', async t => {
  const flow = await startFlow(t)
  assert.ok(flow.home.hello(gateway, 'gateway', 5))
  const flip = (at: (bytes: Uint8Array) => number) => (bytes: Uint8Array) => {
    const copy = Uint8Array.from(bytes)
    const index = at(copy)
    copy[index] = (copy[index] ?? 0) ^ 1
    return copy
  }
  const table: readonly (readonly [string, Parameters<typeof told>[2]])[] = [
    ['another key', { key: new Uint8Array(32) }],
    ['expired', { signedAt: Date.now() - 2 * 86_400_000 }],
    ['other recipients', { bound: [taro] }],
    ['fewer recipients', { recipients: [hanako, taro], bound: [hanako] }],
    ['a changed message', { tamper: flip(bytes => bytes.length - 4) }],
    ['a longer message', { tamper: bytes => concatBytes([bytes, utf8('more\r\n')]) }],
    ['a shorter message', { tamper: bytes => bytes.subarray(0, -2) }],
    ['a changed trace block', { tamper: flip(bytes => Buffer.from(bytes).indexOf('by mx.home.test') + 4) }],
    ['a changed field', { tamper: flip(() => 40) }],
    ['no field', { tamper: bytes => bytes.subarray(Buffer.from(bytes).indexOf('Received:')) }],
    ['another origin', { facts: factsOf({}, { origin: 'elsewhere' }) }],
    ['a boot that is not yet', { facts: factsOf({}, { boot: 6 }) }],
  ]
  for (const [name, options] of table) assert.match(await told(flow, letter(), options), /^451 4\.7\.0 /, name)
  assert.equal(await flow.count(hanako), 0)
  assert.equal(
    flow.events.filter(({ kind, detail }) => kind === 'refused' && detail?.['problem']).length,
    table.length + 1,
  )
  assert.match(await told(flow, letter()), /^250 2\.0\.0 <hanako@home\.test> gateway\.5\.1 Saved$/)
})

test('the right facts from somebody who is not the gateway tell nothing', async t => {
  const flow = await startFlow(t)
  assert.match(await told(flow, letter(), { session: postfix }), /home-lmtp\.1\.1 Saved/)
  assert.doesNotMatch(await storedText(flow, hanako), /Hikyaku-Delivery/i)
})

test('one id twice is one message; an alias, a confirmed repeat and another recipient keep their own results', async t => {
  const flow = await startFlow(t)
  flow.home.hello(gateway, 'gateway', 5)
  const message = letter()
  for (let times = 0; times < 3; times++) assert.match(await told(flow, again(message)), /^250 /)
  assert.equal(await flow.count(hanako), 1)
  await told(flow, again(message), { recipients: ['both@home.test'] })
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [2, 1])
  assert.ok(flow.events.some(({ kind }) => kind === 'repeated'))
})

test('hello: another name, an older boot, a stranger', async t => {
  const flow = await startFlow(t)
  assert.equal(flow.home.hello(gateway, 'other', 1), false)
  assert.equal(flow.home.hello(postfix, 'gateway', 1), false)
  assert.equal(flow.home.hello(gateway, 'gateway', 5), true)
  assert.equal(flow.home.hello(gateway, 'gateway', 4), false)
  assert.equal(flow.home.hello(gateway, 'gateway', Number.NaN), false)
})

test('a newer start between MAIL and the message: the older is refused', async t => {
  const flow = await startFlow(t)
  flow.home.hello(gateway, 'gateway', 5)
  const begun = await flow.home.begin(gateway, envelopeFrom('aki@internet.test'), undefined, noSignal)
  assert.ok(begun.kind === 'open')
  await begun.transaction.recipient({ address: hanako }, noSignal)
  flow.home.hello({ ...gateway, id: 'newer' }, 'gateway', 6)
  const message = letter()
  const bound = { recipients: [hanako], hash: await receivedHash(message), sizeBytes: message.sizeBytes }
  const source = memorySource(concatBytes([signFacts(factsOf(), bound, linkKey), await collect(message)]))
  const verdict = await begun.transaction.message(source, noSignal)
  assert.equal(verdict.reply.code, 421)
  assert.equal(await flow.count(hanako), 0)
})

test('settled: only a gateway s own ids', async t => {
  const flow = await startFlow(t)
  flow.home.hello(gateway, 'gateway', 5)
  const message = letter()
  await told(flow, message)
  flow.home.settled(gateway, [{ id: 'gateway.5.1' as DeliveryId, recipient: hanako }])
  await pause(10)
  // Confirmed: the same bytes, from a start at which the first would count as gone, are a new message
  flow.home.hello(gateway, 'gateway', 6)
  await told(flow, again(message), { facts: factsOf({}, { id: 'gateway.6.1' as DeliveryId, boot: 6 }) })
  assert.equal(await flow.count(hanako), 2)
})

test('both roles in one process: the same code with the socket left out', async t => {
  const flow = await startFlow(t)
  const receiver = createGatewayReceiver({
    ...flow.gatewayOptions,
    boot: 77,
    downstream: inProcessDownstream(flow.home),
  })
  const message = letter()
  assert.match(
    await deliverNow(receiver, [hanako], message, 'gone'),
    /^250 2\.0\.0 <hanako@home\.test> gateway\.25\.1 Saved$/,
  )
  await deliverNow(receiver, [hanako], again(message))
  assert.equal(await flow.count(hanako), 1)
  await deliverNow(receiver, [hanako], again(message))
  assert.equal(await flow.count(hanako), 2)
  assert.match(
    await storedText(flow, hanako),
    /^Return-Path: <aki@internet\.test>\r\nDelivered-To: hanako@home\.test\r\nReceived: by /,
  )
})

test('outbound mail for our own domains: into the accounts under the entry s id, once', async t => {
  const flow = await startFlow(t)
  const queued = {
    id: 'home-out.3.1' as DeliveryId,
    trace: utf8('Received: by home.home.test with ESMTPSA id home-out.3.1; Mon, 23 Nov 2026 02:00:00 +0000\r\n'),
    received: letter('Within'),
    receivedAt: Date.now(),
  }
  const transport = localTransport(flow.home)(queued)
  const envelope = envelopeFrom(taro, { recipients: [{ address: hanako }, { address: 'nobody@home.test' }] })
  for (let times = 0; times < 2; times++) {
    const results = await transport(envelope, queued.received, noSignal)
    assert.deepEqual(
      results.map(({ status, reply }) => `${status} ${reply.code}`),
      ['delivered 250', 'failed 550'],
    )
  }
  assert.equal(await flow.count(hanako), 1)
  assert.match(await storedText(flow, hanako), /with ESMTPSA id home-out\.3\.1/)
})

// The notice of a pause has an account's name where other ids have a number, and was never delivered to a user of ours.
test('a notice whose id holds no boot is delivered, too', async t => {
  const flow = await startFlow(t)
  const queued = {
    id: 'pause.ivtqe2i4zammovwa.1795776500492' as DeliveryId,
    trace: new Uint8Array(0),
    received: letter('Paused'),
    receivedAt: Date.now(),
  }
  const envelope = envelopeFrom('', { recipients: [{ address: hanako }] })
  const [result] = await localTransport(flow.home)(queued)(envelope, queued.received, noSignal)
  assert.equal(result?.status, 'delivered')
  assert.equal(await flow.count(hanako), 1)
})
