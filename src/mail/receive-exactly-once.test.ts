// The gateway and exactly once: whoever dies or loses a reply, a letter is stored once; two letters stay two.
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  again,
  deliverNow,
  letter,
  noSignal,
  pause,
  send,
  sessionFacts,
  startFlow,
  envelopeFrom,
} from './receive/mail-flow.testbed.ts'
import type { Queue } from './queue/queue.ts'
import type { GatewayOptions } from './receive.ts'

const hanako = 'hanako@home.test'
const taro = 'taro@home.test'

test('lost reply, sender comes again: stored once; confirmed, the same bytes later are a new message', async t => {
  const flow = await startFlow(t)
  const message = letter()
  await deliverNow(flow.gateway, [hanako], message, 'gone')
  await deliverNow(flow.gateway, [hanako], again(message), 'confirmed')
  assert.equal(await flow.count(hanako), 1)
  await deliverNow(flow.gateway, [hanako], again(message), 'confirmed')
  assert.equal(await flow.count(hanako), 2)
})

test('lost reply, then lost again, then the gateway starts anew: stored once', async t => {
  const flow = await startFlow(t)
  const message = letter()
  await deliverNow(flow.gateway, [hanako], message, 'gone')
  await deliverNow(flow.gateway, [hanako], again(message), 'gone')
  await flow.restartGateway()
  await deliverNow(flow.gateway, [hanako], again(message), 'confirmed')
  assert.equal(await flow.count(hanako), 1)
})

test('the gateway dies between home s yes and its own', async t => {
  const flow = await startFlow(t)
  const message = letter()
  await send(flow.gateway, [hanako], message)
  await flow.restartGateway()
  await deliverNow(flow.gateway, [hanako], again(message))
  assert.equal(await flow.count(hanako), 1)
})

test('the gateway dies after it has held: the sender s retry becomes that entry', async t => {
  const flow = await startFlow(t)
  const message = letter()
  flow.link.fault = 'away'
  await send(flow.gateway, [hanako], message)
  await flow.restartGateway()
  assert.match(await deliverNow(flow.gateway, [hanako], again(message)), /^250 2\.0\.0 gateway\.1\.1 /)
  assert.equal(flow.hold.depth, 1)
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 1)
})

test('held, reply lost, delivered from the hold, and only then the retry', async t => {
  const flow = await startFlow(t)
  const message = letter()
  flow.link.fault = 'away'
  await deliverNow(flow.gateway, [hanako], message, 'gone')
  flow.link.fault = 'none'
  await flow.drain()
  await deliverNow(flow.gateway, [hanako], again(message))
  assert.equal(await flow.count(hanako), 1)
})

test('home dies after its commit: the message is held and dropped as a repeat', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'answer-lost'
  await deliverNow(flow.gateway, [hanako], letter())
  await flow.restartHome()
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 1)
})

test('stored at home, all else lost, gateway anew, home away: the retry is held, confirmed, and not stored again', async t => {
  const flow = await startFlow(t)
  const message = letter()
  await send(flow.gateway, [hanako], message)
  await flow.restartGateway()
  flow.link.fault = 'away'
  await deliverNow(flow.gateway, [hanako], again(message), 'confirmed')
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 1)
  await pause(20)
  await deliverNow(flow.gateway, [hanako], again(message), 'confirmed')
  assert.equal(
    await flow.count(hanako),
    2,
    'what came from the hold was confirmed, so the next copy is a message of its own',
  )
})

test('held and confirmed, the gateway starts anew, delivered: the same bytes later are a new message', async t => {
  const flow = await startFlow(t)
  const message = letter()
  flow.link.fault = 'away'
  await deliverNow(flow.gateway, [hanako], message, 'confirmed')
  // The queue writes confirmations down a little later
  await pause(1_500)
  await flow.restartGateway()
  flow.link.fault = 'none'
  await flow.drain()
  await pause(20)
  await deliverNow(flow.gateway, [hanako], again(message), 'confirmed')
  assert.equal(await flow.count(hanako), 2)
})

test('two copies from two living connections are two messages', async t => {
  const flow = await startFlow(t)
  const message = letter()
  const [one, two] = await Promise.all([
    send(flow.gateway, [hanako], message),
    send(flow.gateway, [hanako], again(message)),
  ])
  one.transaction.settle('confirmed')
  two.transaction.settle('confirmed')
  assert.equal(await flow.count(hanako), 2)
})

test('two copies held side by side, both replies lost, both come again: two messages', async t => {
  const flow = await startFlow(t)
  const message = letter()
  flow.link.fault = 'away'
  const first = await Promise.all([send(flow.gateway, [hanako], message), send(flow.gateway, [hanako], again(message))])
  for (const { transaction } of first) transaction.settle('gone')
  const second = await Promise.all([
    send(flow.gateway, [hanako], again(message)),
    send(flow.gateway, [hanako], again(message)),
  ])
  for (const { transaction } of second) transaction.settle('confirmed')
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 2)
})

test('the lost attempt overtaken by its retry is dropped when it arrives at last', async t => {
  const flow = await startFlow(t, {
    queue: queue => ({ ...queueMethods(queue), add: () => Promise.reject(new Error('broken')) }),
  })
  const message = letter()
  flow.link.fault = 'stuck'
  const lost = await send(flow.gateway, [hanako], message)
  assert.match(lost.reply, /^451 /)
  lost.transaction.settle('confirmed')
  flow.link.fault = 'none'
  await deliverNow(flow.gateway, [hanako], again(message))
  await flow.link.unstick()
  assert.equal(flow.link.arrived, 2)
  assert.equal(await flow.count(hanako), 1)
})

test('held at last when its sender was already told to come again: the retry is that entry', async t => {
  const { promise: disk, resolve: goOn } = Promise.withResolvers<void>()
  const flow = await startFlow(t, {
    queue: queue => ({ ...queueMethods(queue), add: entry => disk.then(() => queue.add(entry)) }),
  })
  flow.link.fault = 'away'
  const message = letter()
  const begun = await flow.gateway.begin(sessionFacts('mx'), envelopeFrom('aki@internet.test'), undefined, noSignal)
  assert.ok(begun.kind === 'open')
  await begun.transaction.recipient({ address: hanako }, noSignal)
  const late = begun.transaction.message(message, noSignal)
  await pause(20)
  begun.transaction.settle('gone')
  goOn()
  await late
  await deliverNow(flow.gateway, [hanako], again(message))
  assert.equal(flow.hold.depth, 1)
  flow.link.fault = 'none'
  await flow.drain()
  assert.equal(await flow.count(hanako), 1)
})

test('a retry grouped otherwise: held for two, comes again one by one', async t => {
  const flow = await startFlow(t)
  const message = letter()
  flow.link.fault = 'away'
  await deliverNow(flow.gateway, [hanako, taro], message, 'gone')
  await deliverNow(flow.gateway, [hanako], again(message))
  await deliverNow(flow.gateway, [taro], again(message))
  assert.equal(flow.hold.depth, 1)
  flow.link.fault = 'none'
  await flow.drain()
  assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 1])
})

test('a retry grouped otherwise, over a new start of the gateway: held for two, comes again one by one', async t => {
  for (const fault of ['away', 'none'] as const) {
    const flow = await startFlow(t)
    const message = letter()
    flow.link.fault = 'away'
    await send(flow.gateway, [hanako, taro], message)
    await flow.restartGateway()
    flow.link.fault = fault
    await deliverNow(flow.gateway, [hanako], again(message))
    await deliverNow(flow.gateway, [taro], again(message))
    flow.link.fault = 'none'
    await flow.drain()
    assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 1], fault)
    await deliverNow(flow.gateway, [hanako], again(message))
    assert.equal(await flow.count(hanako), 2, `${fault}: the same bytes later are a new message`)
  }
})

test('a retry with a further recipient, over a new start: goes straight through or into the hold, and what was held is dropped for it', async t => {
  for (const fault of ['away', 'none'] as const) {
    const flow = await startFlow(t)
    const message = letter()
    flow.link.fault = 'away'
    await send(flow.gateway, [hanako], message)
    await flow.restartGateway()
    if (fault === 'none') {
      // What is held stays there until its turn comes
      flow.link.fault = 'none'
      for (const { id } of await flow.hold.list()) await flow.hold.hold(id)
    }
    await deliverNow(flow.gateway, [hanako, taro], again(message))
    flow.link.fault = 'none'
    for (const { id } of await flow.hold.list()) await flow.hold.release(id)
    await flow.drain()
    assert.deepEqual([await flow.count(hanako), await flow.count(taro)], [1, 1], fault)
    await deliverNow(flow.gateway, [hanako], again(message))
    assert.equal(await flow.count(hanako), 2, `${fault}: the same bytes later are a new message`)
  }
})

test('two copies lost one after the other, both come again one after the other: two messages', async t => {
  const flow = await startFlow(t)
  const message = letter()
  const first = await Promise.all([send(flow.gateway, [hanako], message), send(flow.gateway, [hanako], again(message))])
  for (const { transaction } of first) transaction.settle('gone')
  await deliverNow(flow.gateway, [hanako], again(message))
  await deliverNow(flow.gateway, [hanako], again(message))
  assert.equal(await flow.count(hanako), 2)
  await deliverNow(flow.gateway, [hanako], again(message))
  assert.equal(await flow.count(hanako), 3, 'the third was nobody s retry')
})

test('a retry that is answered from the hold leaves the entry to nobody else', async t => {
  const flow = await startFlow(t)
  const message = letter()
  flow.link.fault = 'away'
  await deliverNow(flow.gateway, [hanako], message, 'gone')
  const retry = await send(flow.gateway, [hanako], again(message))
  flow.link.fault = 'none'
  for (const { id } of await flow.hold.list()) await flow.hold.hold(id)
  await deliverNow(flow.gateway, [hanako], again(message))
  retry.transaction.settle('confirmed')
  await deliverNow(flow.gateway, [hanako], again(message))
  for (const { id } of await flow.hold.list()) await flow.hold.release(id)
  await flow.drain()
  assert.equal(await flow.count(hanako), 3)
})

test('an older start of the gateway is no longer heard', async t => {
  const flow = await startFlow(t)
  const old = sessionFacts('lmtp', { id: 'old', gateway: 'gateway' })
  assert.equal(flow.home.hello(old, 'gateway', 1), true)
  const begun = await flow.home.begin(old, envelopeFrom('aki@internet.test'), undefined, noSignal)
  assert.ok(begun.kind === 'open')
  await begun.transaction.recipient({ address: hanako }, noSignal)
  assert.equal(flow.home.hello(sessionFacts('lmtp', { id: 'new', gateway: 'gateway' }), 'gateway', 2), true)
  assert.equal(flow.home.hello(old, 'gateway', 1), false)
  assert.equal((await flow.home.begin(old, envelopeFrom('a@internet.test'), undefined, noSignal)).reply.code, 421)
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
