import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Database } from '#store/sqlite.ts'
import { accountId, collect, delivery, filedBesides, letter } from './accounts.testbed.ts'
import type { AccountId, DeliveryId } from './ids.ts'
import { openFlow } from './outbox.testbed.ts'
import type { NewEntry, Queue } from './queue/queue.ts'

const signal = new AbortController().signal
const child = fileURLToPath(new URL('./outbox.child.ts', import.meta.url))
const id = accountId(1)

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-outbox-'))
  try {
    await mkdir(join(folder, 'accounts'))
    await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 500, 'it does not come about')
    await sleep(20)
  }
}

const attempt = (number: string) => ({ attempt: { id: `gateway.${number}` as DeliveryId } })

test('an effect leaves for the queue with its delivery, once, however often that is repeated', async () => {
  await inFolder(async folder => {
    await using flow = await openFlow(folder, { deliver: true })
    await flow.accounts.createAccount(id, 'en')
    const message = letter('Once')
    for (let times = 0; times < 3; times++) {
      const result = await flow.accounts.deliver(
        delivery(id, { message, ...attempt('1'), ...filedBesides('1') }),
        signal,
      )
      assert.equal(result.repeated, times > 0)
      await until(async () => (await flow.accounts.outbox(id, 9)).length === 0)
    }
    await until(() => flow.queue.depth === 0)
    assert.deepEqual(flow.sent, ['1'])
    // whoever asks for the letter's trace is led to it, once
    assert.deepEqual(
      flow.events.map(event => ({ ...event, at: 0 })),
      [
        {
          at: 0,
          kind: 'sent-on',
          delivery: 'gateway.1',
          from: '',
          to: 'kei@internet.test',
          detail: { effect: 'redirect', as: '1', account: id },
        },
      ],
    )
  })
})

test('broken off between the queue and the outbox: at the next start it is done with, and not sent again', async () => {
  await inFolder(async folder => {
    {
      const between = (queue: Parameters<NonNullable<Parameters<typeof openFlow>[1]['between']>>[0]) => ({
        confirm: queue.confirm.bind(queue),
        add: async (entry: Parameters<typeof queue.add>[0]) => {
          await queue.add(entry)
          throw new Error('planted')
        },
      })
      await using flow = await openFlow(folder, { deliver: true, between })
      await flow.accounts.createAccount(id, 'en')
      await flow.accounts.deliver(delivery(id, { ...attempt('1'), ...filedBesides('1') }), signal)
      await until(() => flow.sent.length === 1)
      assert.equal((await flow.accounts.outbox(id, 9)).length, 1)
    }
    await using flow = await openFlow(folder, { deliver: true })
    await flow.outbox.searched
    await until(async () => (await flow.accounts.outbox(id, 9)).length === 0)
    await until(() => flow.queue.depth === 0)
    assert.deepEqual(flow.sent, [])
  })
})

test('counted once for its user, held while the user is paused, and out with the rest afterwards', async () => {
  await inFolder(async folder => {
    const counted: string[] = []
    let paused = true
    const watch = {
      isPaused: () => paused,
      scripted: async (account: AccountId, address: string, messages: number) => {
        counted.push(`${account === id} ${address} ${messages}`)
      },
    }
    await using flow = await openFlow(folder, { deliver: true, watch })
    await flow.accounts.createAccount(id, 'en')
    const send = async (number: string) => {
      await flow.accounts.deliver(delivery(id, { ...attempt(number), ...filedBesides(number) }), signal)
      await until(async () => (await flow.accounts.outbox(id, 9)).length === 0)
    }
    const states = async () => (await flow.queue.list()).flatMap(entry => entry.recipients.map(({ state }) => state))
    await send('1')
    assert.deepEqual(await states(), ['held'])
    assert.deepEqual(flow.sent, [])
    paused = false
    assert.equal(await flow.queue.releaseFrom(`${id}@home.test`), 1)
    await until(() => flow.queue.depth === 0)
    await send('2')
    await until(() => flow.queue.depth === 0)
    assert.deepEqual(flow.sent, ['1', '2'])
    await send('1')
    assert.deepEqual(counted, Array(2).fill(`true ${id}@home.test 1`), 'a repeated delivery counts nothing')
  })
})

test('what an administrator’s script sends counts for nobody, and goes while the user is paused', async () => {
  await inFolder(async folder => {
    const counted: string[] = []
    const watch = { isPaused: () => true, scripted: async () => void counted.push('counted') }
    await using flow = await openFlow(folder, { deliver: true, watch })
    await flow.accounts.createAccount(id, 'en')
    const besides = filedBesides('1')
    const [item] = besides.outbox
    assert.ok(item)
    const envelope = JSON.stringify({ ...(JSON.parse(item.envelope) as object), by: 'administrator' })
    const given = { ...attempt('1'), ...besides, outbox: [{ ...item, envelope }] }
    await flow.accounts.deliver(delivery(id, given), signal)
    await until(() => flow.sent.length === 1)
    assert.deepEqual(counted, [])
    assert.deepEqual(
      flow.events.map(event => `${event.kind} ${event.delivery}`),
      ['sent-on gateway.1'],
    )
  })
})

test('paused or resumed while it is on its way into the queue', async () => {
  await inFolder(async folder => {
    let paused = false
    let flip = true
    const between = (queue: Queue) => ({
      add: async (entry: NewEntry) => {
        const added = await queue.add(entry)
        if (flip) paused = !paused
        return added
      },
    })
    await using flow = await openFlow(folder, {
      deliver: false,
      between,
      watch: { isPaused: () => paused, scripted: async () => {} },
    })
    await flow.accounts.createAccount(id, 'en')
    const send = async (number: string) => {
      await flow.accounts.deliver(delivery(id, { ...attempt(number), ...filedBesides(number) }), signal)
      await until(async () => (await flow.accounts.outbox(id, 9)).length === 0)
      return (await flow.queue.show(number))?.recipients[0]?.state
    }
    assert.equal(await send('1'), 'held')
    assert.notEqual(await send('2'), 'held')
    flip = false
    assert.notEqual(await send('3'), 'held')
  })
})

test('one that cannot be taken holds up no other', async () => {
  await inFolder(async folder => {
    await using flow = await openFlow(folder, {
      deliver: false,
      between: queue => ({
        confirm: queue.confirm.bind(queue),
        add: entry => (entry.id === '1' ? Promise.reject(new Error('planted')) : queue.add(entry)),
      }),
    })
    await flow.accounts.createAccount(id, 'en')
    for (let number = 0; number < 30; number++)
      await flow.accounts.deliver(delivery(id, { ...attempt(`${number}`), ...filedBesides(`${number}`) }), signal)
    await until(async () => flow.queue.depth === 29 && (await flow.accounts.outbox(id, 100)).length === 1)
    assert.deepEqual(
      (await flow.accounts.outbox(id, 100)).map(item => item.id),
      ['1'],
    )
  })
})

test('a large effect goes out of its file', async () => {
  await inFolder(async folder => {
    await using flow = await openFlow(folder, { deliver: false })
    await flow.accounts.createAccount(id, 'en')
    const message = letter('Large', 'x'.repeat(200_000))
    const [item] = filedBesides('1').outbox
    assert.ok(item)
    await flow.accounts.deliver(delivery(id, { ...attempt('1'), outbox: [{ ...item, message }] }), signal)
    await until(async () => (await flow.accounts.outbox(id, 9)).length === 0)
    const [entry] = await flow.queue.list()
    assert.equal(entry?.sizeBytes, (await collect(message)).length)
  })
})

test('kill -9 between accounts, outbox and queue: every effect whose letter was answered is sent', async () => {
  await inFolder(async folder => {
    const told = new Set<string>()
    for (const [round, afterMs] of [250, 90, 400].entries()) {
      const run = spawn(process.execPath, [child, folder, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
      let output = ''
      run.stdout.setEncoding('utf8').on('data', text => (output += text))
      await until(() => output !== '' || run.exitCode !== null)
      await sleep(afterMs)
      run.kill('SIGKILL')
      await once(run, 'close')
      for (const number of output.slice(0, output.lastIndexOf('\n')).split('\n')) told.add(number)
    }
    assert.ok(told.size > 30, `only ${told.size} deliveries were answered`)
    {
      await using flow = await openFlow(folder, { deliver: true })
      await flow.outbox.searched
      await until(async () => {
        const waiting = await Promise.all([1, 2, 3, 4].map(number => flow.accounts.outbox(accountId(number), 1)))
        return waiting.every(({ length }) => length === 0)
      })
      await until(() => flow.queue.depth === 0)
      assert.equal(new Set(flow.sent).size, flow.sent.length, 'none twice in one run')
    }
    using database = new Database(join(folder, 'outbound.db'), { durability: 'NORMAL' })
    const finished = new Set(
      database
        .prepare('SELECT id FROM finished')
        .all()
        .map(row => String(row.id)),
    )
    assert.deepEqual(
      [...told].filter(number => !finished.has(number)),
      [],
    )
  })
})
