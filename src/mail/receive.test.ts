import assert from 'node:assert/strict'
import test from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { utf8 } from '#base/bytes.ts'
import {
  again,
  deliverNow,
  letter,
  noSignal,
  pause,
  send,
  sessionFacts,
  startFlow,
  storedText,
  envelopeFrom,
} from './receive/mail-flow.testbed.ts'
import type { Queue } from './queue/queue.ts'
import type { GatewayOptions } from './receive.ts'

const hanako = 'hanako@home.test'
const taro = 'taro@home.test'

test('straight through: home answers while the sender waits, and stores its block before the bytes as received', async t => {
  const flow = await startFlow(t)
  const message = letter('Straight')
  assert.match(
    await deliverNow(flow.gateway, [hanako], message),
    /^250 2\.0\.0 <hanako@home\.test> gateway\.1\.1 Saved$/,
  )
  assert.equal(await flow.count(hanako), 1)
  const text = await storedText(flow, hanako)
  const received = new TextDecoder().decode(message.place.kind === 'memory' ? message.place.bytes : undefined)
  assert.ok(text.endsWith(received), 'the bytes as received stand last, unchanged')
  const block = text.slice(0, -received.length)
  assert.match(block, /^Return-Path: <aki@internet\.test>\r\nDelivered-To: hanako@home\.test\r\nReceived: /)
  assert.equal(block.match(/^Received:/gm)?.length, 2)
  assert.match(block, /192\.0\.2\.7/)
  assert.doesNotMatch(text, /Hikyaku-Delivery/i)
})

test('RCPT is asked through: home knows who is unknown, disabled, full', async t => {
  let quota: number | undefined
  const flow = await startFlow(t, {
    quotaOf: () => quota,
    list: list => ({ ...list, look: () => ({ kind: 'known' }) }),
  })
  const rcpt = async (address: string) => (await send(flow.gateway, [address], letter())).recipients[0]
  assert.match((await rcpt('nobody@home.test')) ?? '', /^550 5\.1\.1 /)
  assert.match((await rcpt('gone@home.test')) ?? '', /^550 5\.2\.1 /)
  await deliverNow(flow.gateway, [hanako], letter('x'.repeat(2_000)))
  quota = 1_000
  assert.match((await rcpt(hanako)) ?? '', /^452 4\.2\.2 /)
})

test('home away: the list answers, what it knows is held', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'away'
  const sent = await send(flow.gateway, ['nobody@home.test', 'gone@home.test', hanako], letter())
  assert.deepEqual(
    sent.recipients.map(reply => reply.slice(0, 9)),
    ['550 5.1.1', '550 5.2.1', '250 2.1.5'],
  )
  assert.match(sent.reply, /^250 2\.0\.0 gateway\.1\.\w+ /)
  sent.transaction.settle('confirmed')
  assert.equal(flow.hold.depth, 1)
  assert.equal(await flow.count(hanako), 0)
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 1)
})

test('a stale list says 451 where a fresh one says 550', async t => {
  const stale = (kind: 'unknown' | 'disabled' | 'not-ours') => ({ kind, fresh: false }) as const
  const flow = await startFlow(t, {
    list: list => ({
      ...list,
      look: address => {
        if (address.endsWith('@elsewhere.test')) return stale('not-ours')
        return address.startsWith('gone@') ? stale('disabled') : stale('unknown')
      },
    }),
  })
  flow.link.fault = 'away'
  for (const address of ['new@home.test', 'gone@home.test', 'someone@elsewhere.test']) {
    const { recipients } = await send(flow.gateway, [address], letter())
    assert.match(recipients[0] ?? '', /^451 4\.3\.0 /, address)
  }
  flow.link.fault = 'none'
  const { recipients } = await send(flow.gateway, [hanako], letter())
  assert.match(recipients[0] ?? '', /^250 /, 'a miss in the list while home answers: home decides')
  const elsewhere = await send(flow.gateway, ['someone@elsewhere.test'], letter())
  assert.match(elsewhere.recipients[0] ?? '', /^451 /, 'home is not asked about domains that are not known to be ours')
})

test("a domain that was added a moment ago: the list is looked at again before it is called a stranger's", async t => {
  let refreshed = 0
  const flow = await startFlow(t, {
    list: list => ({
      ...list,
      look: address => (refreshed === 0 ? { kind: 'not-ours', fresh: true } : list.look(address)),
      async refresh() {
        refreshed++
      },
    }),
  })
  const { recipients } = await send(flow.gateway, [hanako], letter())
  assert.match(recipients[0] ?? '', /^250 /)
  await send(flow.gateway, [hanako], letter())
  assert.equal(refreshed, 1, 'names that are known cost no look at the file')
  const foreign = await send(flow.gateway, ['victim@internet.test'], letter())
  assert.match(foreign.recipients[0] ?? '', /^550 5\.7\.1 /)
})

test('never a relay: every way to name a foreign recipient is refused, and none reaches home or the hold', async t => {
  const flow = await startFlow(t)
  const probes = [
    'victim@internet.test',
    'victim%internet.test@home.test', // percent hack
    'internet.test!victim@home.test', // bang path
    '@home.test:victim@internet.test', // source route through us
    '@home.test,@internet.test:victim@internet.test',
    'victim@internet.test@home.test',
    '"victim@internet.test"@home.test', // quoted local part
    '"victim@internet.test"', // quoted, no domain
    '"victim%internet.test"@home.test',
    'victim@[192.0.2.9]', // address literal
    'victim@[IPv6:2001:db8::9]',
    'victim@[127.0.0.1]',
    'victim@home.test.internet.test',
    'victim@nothome.test',
    'victim@internet.test\0@home.test',
    'victim@internet.test>,<hanako@home.test',
    'victim@192.0.2.9',
    'victim',
    '',
    '@',
    'victim@HOME.test.',
    'postmaster@internet.test',
  ]
  for (const fault of ['none', 'away'] as const) {
    flow.link.fault = fault
    for (const probe of probes) {
      const { recipients } = await send(flow.gateway, [probe], letter())
      assert.match(recipients[0] ?? '', /^5\d\d 5\./, `${fault}: ${probe}`)
    }
  }
  assert.equal(flow.link.arrived, 0)
  assert.equal(flow.hold.depth, 0)
})

test('postmaster without a domain is ours', async t => {
  const flow = await startFlow(t)
  const { recipients } = await send(flow.gateway, ['Postmaster'], letter())
  assert.match(recipients[0] ?? '', /^250 /)
})

test('a sender that takes its time keeps no way to home: it is given back, and taken again for the message', async t => {
  const flow = await startFlow(t, { gateway: { lendMs: 20 } })
  const begun = await flow.gateway.begin(sessionFacts('mx'), envelopeFrom('aki@internet.test'), undefined, noSignal)
  assert.ok(begun.kind === 'open')
  const { transaction } = begun
  for (const address of [hanako, taro]) {
    assert.equal((await transaction.recipient({ address }, noSignal)).code, 250)
    assert.equal(flow.link.open, 1)
    await pause(60)
    assert.equal(flow.link.open, 0, 'given back')
  }
  const verdict = await transaction.message(letter(), noSignal)
  assert.equal(verdict.reply.code, 250)
  assert.equal(flow.hold.depth, 0, 'straight through')
  await pause(5)
  assert.equal(flow.link.open, 0, 'given back although the sender does not go on')
  transaction.settle('confirmed')
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 1])
})

test('a slow sender whose home goes away meanwhile: held', async t => {
  const flow = await startFlow(t, { gateway: { lendMs: 20 } })
  const begun = await flow.gateway.begin(sessionFacts('mx'), envelopeFrom('aki@internet.test'), undefined, noSignal)
  assert.ok(begun.kind === 'open')
  await begun.transaction.recipient({ address: hanako }, noSignal)
  await pause(60)
  flow.link.fault = 'away'
  assert.equal((await begun.transaction.message(letter(), noSignal)).reply.code, 250)
  begun.transaction.settle('confirmed')
  assert.equal(flow.hold.depth, 1)
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 1)
})

test('slow: after the limit the message is held, and arrives once although the slow attempt ends well', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'stuck'
  const started = performance.now()
  const sent = await send(flow.gateway, [hanako], letter())
  assert.match(sent.reply, /^250 /)
  assert.ok(performance.now() - started < 2_000, 'the sender does not wait for home')
  sent.transaction.settle('confirmed')
  flow.link.fault = 'none'
  await Promise.all([flow.link.unstick(), flow.drain()])
  assert.equal(flow.link.arrived, 2, 'both attempts reached home')
  assert.equal(await flow.count(hanako), 1)
})

test('unsure: the answer was lost after home had stored it; held under the same id, stored once', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'answer-lost'
  assert.match(await deliverNow(flow.gateway, [hanako, taro], letter()), /^250 /)
  assert.equal(flow.hold.depth, 1)
  flow.link.fault = 'none'
  await flow.drain()
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 1])
})

test('some stored and some deferred: yes, and only the rest is held', async t => {
  const flow = await startFlow(t, { failures: new Map([[taro, 1]]) })
  assert.match(await deliverNow(flow.gateway, [hanako, taro], letter()), /^250 /)
  const [entry] = await flow.hold.list()
  assert.deepEqual(
    entry?.recipients.map(({ address }) => address),
    [taro],
  )
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 0])
  await flow.drain()
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 1])
})

test('all deferred: the 4xx is passed on, nothing is held', async t => {
  const flow = await startFlow(t, { failures: new Map([[taro, 1]]) })
  assert.match(await deliverNow(flow.gateway, [taro], letter()), /^451 /)
  assert.equal(flow.hold.depth, 0)
})

test('some stored and some refused for good: the yes is for all, so nothing is dropped: a loop ends in Junk', async t => {
  const flow = await startFlow(t)
  // A loop for one of the two recipients
  const message = letter('Loop', 'Delivered-To: taro@home.test\r\n')
  assert.match(await deliverNow(flow.gateway, [hanako, taro], message), /^250 /)
  const refused = flow.events.find(({ kind, to }) => kind === 'refused' && to === taro)
  assert.match(refused?.reply ?? '', /^554 5\.4\.6 /)
  await flow.drain()
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 0])
  assert.equal(await flow.count(taro, 'Junk'), 1)
})

test('held for somebody who is deleted or disabled meanwhile: once to the postmaster, with the reason', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'away'
  const message = letter()
  await deliverNow(flow.gateway, [taro, 'both@home.test'], message)
  await flow.directory.setEnabled(taro, false)
  await flow.directory.removeAlias('both@home.test')
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(taro), 0)
  assert.equal(await flow.count(hanako), 1, 'who reads postmaster')
  const text = await storedText(flow, hanako)
  assert.match(text, /^Delivered-To: postmaster@home\.test\r$/m)
  assert.match(text, /^Hikyaku-Undelivered: <taro@home\.test>: 550 5\.2\.1 Mailbox disabled\r$/m)
  assert.match(text, /^Hikyaku-Undelivered: <both@home\.test>: 550 5\.1\.1 No such user here\r$/m)
  assert.deepEqual(
    flow.events.filter(({ kind }) => kind === 'passed-on').map(({ to }) => to),
    [taro, 'both@home.test'],
  )
})

test('held, refused, and no postmaster takes it either: it waits', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'away'
  await deliverNow(flow.gateway, [taro], letter())
  for (const name of [taro, hanako]) await flow.directory.setEnabled(name, false)
  flow.link.fault = 'none'
  let words = ''
  for (let tries = 0; tries < 100 && !words.startsWith('Home says'); tries++) {
    await flow.hold.retry()
    await pause(20)
    const [entry] = await flow.hold.list()
    assert.equal(entry?.recipients[0]?.state === 'failed', false)
    words = entry?.recipients[0]?.last?.reply.lines.join(' ') ?? ''
  }
  assert.match(words, /^Home says: 550 5\.2\.1 Mailbox disabled; of the postmaster: 550 /)
  await flow.directory.setEnabled(taro, true)
  await flow.drain()
  assert.equal(await flow.count(taro), 1)
})

test('all refused for good: the 5xx is the answer', async t => {
  const flow = await startFlow(t)
  const message = letter('Loop', 'Received: from a by b; Mon, 23 Nov 2026 02:00:00 +0000\r\n'.repeat(25))
  assert.match(await deliverNow(flow.gateway, [hanako, taro], message), /^554 5\.4\.6 /)
})

test('the hold cannot be written: 452 when the disk is full, else 451, and the retry is stored once', async t => {
  let problem: Error | undefined
  const flow = await startFlow(t, {
    queue: queue => ({
      ...queueMethods(queue),
      add: entry => (problem ? Promise.reject(problem) : queue.add(entry)),
    }),
  })
  const message = letter()
  flow.link.fault = 'answer-lost'
  problem = Object.assign(new Error('no room'), { code: 'DISK_FULL' })
  assert.match(await deliverNow(flow.gateway, [hanako], message), /^452 4\.3\.1 /)
  problem = new Error('broken')
  assert.match(await deliverNow(flow.gateway, [hanako], again(message)), /^451 4\.3\.0 /)
  problem = undefined
  flow.link.fault = 'none'
  assert.match(await deliverNow(flow.gateway, [hanako], again(message)), /^250 /)
  assert.equal(await flow.count(hanako), 1)
})

test('a later home that refuses our own gateway is never the sender s bounce', async t => {
  const flow = await startFlow(t, {
    home: { gateways: [{ name: 'gateway', domains: ['other.test'], key: undefined }] },
  })
  const { recipients } = await send(flow.gateway, [hanako], letter())
  assert.match(recipients[0] ?? '', /^451 /)
})

test('forged Authentication-Results in our name are taken out, others stay', async t => {
  const flow = await startFlow(t)
  const message = letter(
    'Forged',
    'Authentication-Results: mx.home.test; spf=pass\r\nAuthentication-Results: other.test; spf=fail\r\n',
  )
  await deliverNow(flow.gateway, [hanako], message)
  const text = await storedText(flow, hanako)
  assert.doesNotMatch(text, /mx\.home\.test; spf=pass/)
  assert.match(text, /other\.test; spf=fail/)
})

test('a stranger s facts field is never believed', async t => {
  const flow = await startFlow(t)
  const message = letter('Imitation', 'Hikyaku-Delivery: v1\r\n AAAA\r\n BBBB\r\n')
  assert.match(await deliverNow(flow.gateway, [hanako], message), /^250 2\.0\.0 <hanako@home\.test> gateway\.1\.1 /)
})

test('too big is refused at MAIL and after DATA', async t => {
  const flow = await startFlow(t, { gateway: { sizeLimitBytes: 100 } })
  const begun = await flow.gateway.begin(sessionFacts('mx'), envelopeFrom('aki@internet.test'), 101, noSignal)
  assert.equal(begun.reply.code, 552)
  const sent = await send(flow.gateway, [hanako], memorySource(utf8('x'.repeat(101))))
  assert.match(sent.reply, /^552 5\.3\.4 /)
})

test('the null path comes through', async t => {
  const flow = await startFlow(t)
  const sent = await send(flow.gateway, [hanako], letter(), { reversePath: '' })
  assert.match(sent.reply, /^250 /)
  assert.match(await storedText(flow, hanako), /^Return-Path: <>\r\n/)
})

function queueMethods(queue: Queue): GatewayOptions['queue'] {
  return {
    add: queue.add.bind(queue),
    findUnconfirmed: queue.findUnconfirmed.bind(queue),
    confirm: queue.confirm.bind(queue),
    supersede: queue.supersede.bind(queue),
    isConfirmed: queue.isConfirmed.bind(queue),
    gone: queue.gone.bind(queue),
    show: queue.show.bind(queue),
  }
}
