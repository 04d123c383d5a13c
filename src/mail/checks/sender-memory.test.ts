// Greylisting with the real database: who waits, who passes, and what is left of it after a restart.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type TestContext } from 'node:test'
import { silentLog } from '#base/log.ts'
import { openSendersStore } from '#store/senders/senders-store.ts'
import type { ConnectionFindings } from '../verdicts.ts'
import { movedClock, type MovedClock } from './checks.testbed.ts'
import { greylist, looksSuspicious } from './greylist.ts'
import { memoryRestMs, passedKeptMs } from './limits.ts'
import { openSenderMemory, type SenderMemory } from './sender-memory.ts'

const times = { delayMs: 60_000, windowMs: 3_600_000 }
const triplet = { address: '192.0.2.1', reversePath: 'aki@internet.test', recipient: 'hanako@home.test' }
const key = new Uint8Array(32).fill(3)

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-senders-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

async function bench(
  t: TestContext,
): Promise<{ memory: SenderMemory; clock: MovedClock; file: string; again(): SenderMemory }> {
  const file = join(await folderOf(t), 'senders.db')
  const clock = movedClock()
  const opened: SenderMemory[] = []
  const again = () => {
    const memory = openSenderMemory({ file, key, clock, log: silentLog })
    opened.push(memory)
    return memory
  }
  t.after(() => Promise.all(opened.map(memory => memory[Symbol.asyncDispose]())))
  return { memory: again(), clock, file, again }
}

test('a triplet waits, passes once it has waited, and goes on passing', async t => {
  const { memory, clock } = await bench(t)
  assert.deepEqual(await memory.attempt(triplet, times), { kind: 'wait', waitMs: 60_000 })
  clock.passMs += 20_000
  assert.deepEqual(await memory.attempt(triplet, times), { kind: 'wait', waitMs: 40_000 })
  clock.passMs += 40_000
  assert.deepEqual(await memory.attempt(triplet, times), { kind: 'passed', now: true })
  clock.passMs += passedKeptMs - 1
  assert.deepEqual(await memory.attempt(triplet, times), { kind: 'passed', now: false })
  clock.passMs += passedKeptMs + 1
  assert.equal((await memory.attempt(triplet, times))?.kind, 'wait', 'what was not used for so long begins anew')
})

test('the retry may come from the same network, with another number in its reverse-path; not for another recipient', async t => {
  const { memory, clock } = await bench(t)
  const verp = { ...triplet, reversePath: 'list-bounce-4711-a9f3=hanako@internet.test' }
  await memory.attempt(verp, times)
  clock.passMs += 60_000
  const retry = { ...verp, address: '192.0.2.200', reversePath: 'List-Bounce-4712-b0c2=hanako@internet.test' }
  assert.equal((await memory.attempt(retry, times))?.kind, 'passed')
  for (const other of [
    { ...retry, address: '192.0.3.1' },
    { ...retry, recipient: 'taro@home.test' },
    { ...retry, reversePath: 'other@internet.test' },
  ])
    assert.equal((await memory.attempt(other, times))?.kind, 'wait')
})

test('too late is a first attempt again; so is one from the future of a clock that was set back', async t => {
  const { memory, clock } = await bench(t)
  await memory.attempt(triplet, times)
  clock.passMs += 3_600_001
  assert.deepEqual(await memory.attempt(triplet, times), { kind: 'wait', waitMs: 60_000 })
  clock.passMs -= 86_400_000
  assert.deepEqual(await memory.attempt(triplet, times), { kind: 'wait', waitMs: 60_000 })
  clock.passMs += 60_000
  assert.equal((await memory.attempt(triplet, times))?.kind, 'passed')
})

test('attempts and known senders outlive a restart; the file names nobody', async t => {
  const { memory, clock, file, again } = await bench(t)
  await memory.attempt(triplet, times)
  memory.learn('198.51.100.7', 'shop@good.test')
  await memory[Symbol.asyncDispose]()
  clock.passMs += 60_000
  const next = again()
  assert.equal((await next.attempt(triplet, times))?.kind, 'passed')
  assert.equal(await next.isKnownSender('198.51.100.99', 'news@good.test'), true)
  await next[Symbol.asyncDispose]()
  const bytes = await readFile(file, 'latin1')
  for (const word of ['aki', 'internet.test', 'hanako', '192.0.2', 'good.test']) assert.ok(!bytes.includes(word), word)
})

test('known: the sender’s domain from its network, and a network that has often sent', async t => {
  const { memory, clock } = await bench(t)
  assert.equal(await memory.isKnownNetwork('192.0.2.1'), false)
  memory.learn('192.0.2.1', 'Aki@Internet.test')
  assert.equal(await memory.isKnownNetwork('192.0.2.99'), true)
  assert.equal(await memory.isKnownSender('192.0.2.99', 'other@internet.test'), true)
  assert.equal(await memory.isKnownSender('192.0.2.99', 'aki@elsewhere.test'), false)
  assert.equal(await memory.isKnownSender('192.0.3.1', 'aki@internet.test'), false)
  for (let letters = 0; letters < 4; letters++) memory.learn('192.0.2.1', `${letters}@other.test`)
  assert.equal(await memory.isKnownSender('192.0.2.99', 'aki@elsewhere.test'), true)
  clock.passMs += 100 * 24 * 3600_000
  assert.equal(await memory.isKnownNetwork('192.0.2.99'), false)
})

test('a busy sender: the thread is asked once whether it is known, and told once a second what came', async t => {
  const file = join(await folderOf(t), 'senders.db')
  const clock = movedClock()
  const store = openSendersStore({ file })
  const calls: string[] = []
  const counted: typeof store = {
    ...store,
    known: input => (calls.push('known'), store.known(input)),
    learn: input => (calls.push(`learn ${input.times?.join(' ')}`), store.learn(input)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
  await using memory = openSenderMemory({ file, key, clock, log: silentLog, store: counted })
  for (let asked = 0; asked < 2; asked++)
    assert.equal(
      await memory.isKnownSender('192.0.2.1', 'a@internet.test'),
      false,
      'who is not known is asked for again',
    )
  for (let letter = 0; letter < 300; letter++) memory.learn('192.0.2.1', `a${letter}@internet.test`)
  for (let asked = 0; asked < 100; asked++)
    assert.equal(await memory.isKnownSender('192.0.2.1', 'a@internet.test'), true)
  for (let letter = 0; letter < 300; letter++) memory.learn('192.0.2.1', 'a@internet.test')
  await until(() => calls.length > 4)
  assert.deepEqual(calls, ['known', 'known', 'learn 300 300', 'known', 'learn 300 300'])
  clock.passMs += 3600_000
  assert.equal(await memory.isKnownSender('192.0.2.1', 'a@internet.test'), true)
  assert.equal(calls.at(-1), 'known', 'and after a while anew')
})

async function until(isSo: () => boolean): Promise<void> {
  for (let round = 0; round < 300 && !isSo(); round++) await sleep(10)
}

test('a database that cannot be read holds nobody up, and is left alone for a while', async t => {
  const file = join(await folderOf(t), 'senders.db')
  await writeFile(file, 'this is no database '.repeat(1000))
  const clock = movedClock()
  await using memory = openSenderMemory({ file, key, clock, log: silentLog })
  assert.equal(await memory.attempt(triplet, times), undefined)
  assert.equal(await memory.isKnownNetwork('192.0.2.1'), undefined)
  assert.equal(await memory.isKnownSender('192.0.2.1', 'a@b.test'), undefined)
  assert.equal(memory.isReadable, false)
  assert.deepEqual(await greylist(triplet, { ...times, mode: 'unknown' }, () => true, memory), { kind: 'pass' })
  clock.passMs += memoryRestMs
  assert.equal(memory.isReadable, true)
})

test('strangers do not fill the disk: the table is bounded, the longest unused go first; sweeping takes the rest', async t => {
  const file = join(await folderOf(t), 'senders.db')
  await using store = openSendersStore({ file, maxAttempts: 100, maxKnown: 50 })
  const keyOf = (index: number) => new Uint8Array(Buffer.from(String(index).padStart(16, '0')))
  const input = { delayMs: 1_000, windowMs: 1_000_000, keptMs: 1_000_000 }
  for (let index = 0; index < 1_000; index++) {
    await store.attempt({ ...input, key: keyOf(index), now: 1_000 + index })
    await store.learn({ keys: [keyOf(index)], now: 1_000 + index })
  }
  const nothing = { attemptsBefore: 0, passedBefore: 0, knownBefore: 0 }
  assert.deepEqual(await store.sweep(nothing), { attempts: 100, known: 50 })
  assert.deepEqual(await store.known({ keys: [keyOf(999), keyOf(0)], since: 0 }), [1, 0])
  assert.equal((await store.attempt({ ...input, key: keyOf(999), now: 5_000 })).kind, 'passed')
  // what has passed stays when what has not is swept
  assert.deepEqual(await store.sweep({ attemptsBefore: 10_000, passedBefore: 0, knownBefore: 2_000 }), {
    attempts: 1,
    known: 0,
  })
  assert.deepEqual(await store.sweep({ attemptsBefore: 0, passedBefore: 10_000, knownBefore: 0 }), {
    attempts: 0,
    known: 0,
  })
})

test('modes: nobody, the suspicious among the unknown, all unknown; those that are known never', async t => {
  const { memory } = await bench(t)
  const ask = (mode: 'off' | 'suspicious' | 'unknown', suspicious: boolean, recipient: string) =>
    greylist({ ...triplet, recipient }, { ...times, mode }, () => suspicious, memory)
  assert.equal((await ask('off', true, 'a@home.test')).kind, 'pass')
  assert.equal((await ask('suspicious', false, 'b@home.test')).kind, 'pass')
  assert.deepEqual(await ask('suspicious', true, 'c@home.test'), { kind: 'wait', seconds: 60 })
  assert.equal((await ask('unknown', false, 'd@home.test')).kind, 'wait')
  memory.learn(triplet.address, triplet.reversePath)
  assert.deepEqual(await ask('unknown', true, 'e@home.test'), { kind: 'pass', remark: 'known-sender' })
})

test('suspicious: no reverse name, a deny list, a bad remark, SPF that is asked and does not pass; never what is not known', () => {
  const clean: ConnectionFindings = {
    reverse: { result: 'pass', name: 'mx.internet.test' },
    lists: [],
    remarks: ['greylist-passed'],
  }
  const list = { zone: 'l.test', answers: ['127.0.0.2'], points: 1 }
  assert.ok(!looksSuspicious(clean, undefined))
  assert.ok(!looksSuspicious(clean, 'pass'))
  assert.ok(!looksSuspicious(clean, 'temperror'))
  assert.ok(!looksSuspicious({ ...clean, reverse: { result: 'temperror' } }, undefined))
  assert.ok(!looksSuspicious({ ...clean, lists: [{ ...list, kind: 'allow' }] }, undefined))
  for (const [findings, spf] of [
    [{ ...clean, reverse: { result: 'permerror' } }, undefined],
    [{ ...clean, reverse: { result: 'fail' } }, 'pass'],
    [{ ...clean, lists: [{ ...list, kind: 'deny' }] }, undefined],
    [{ ...clean, remarks: ['helo-is-us'] }, undefined],
    [clean, 'none'],
    [clean, 'softfail'],
  ] as const)
    assert.ok(looksSuspicious(findings, spf))
})
