import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import type { AccountId } from '../ids.ts'
import type { Transport } from '../transport.ts'
import { QueueRefusal } from './open-queue.ts'
import type { Queue } from './queue.ts'
import { delivered, busy, away, dayMs, folder, queueIn, entry, until, bytesOf } from './open-queue.testbed.ts'

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
