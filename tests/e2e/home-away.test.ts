// Home is away, the link is cut, the link's key is wrong: the gateway takes the mail, nothing bounces, everything arrives once.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ListedEntry } from '#roles/admin-queue.ts'
import { isIdentical } from '../storm/ledger.ts'
import { type RunningDemo, startDemo } from '../support/demo.ts'
import { accountOf, awaitLetters, hikyakuJson, letterBytes, openSession, sendLetter } from '../support/mail-clients.ts'
import { freeOffset } from '../support/ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-away-'))
let demo: RunningDemo
before(async () => {
  demo = await startDemo({ folder, portOffset: await freeOffset(), plain: true })
})
after(async () => {
  await demo?.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

const mx = () => demo.ready.ports['mx'] ?? 0
const hanako = () => accountOf(demo.ready, 'hanako')
const send = (bytes: Buffer, hooks?: Parameters<typeof sendLetter>[2]) =>
  sendLetter(mx(), { from: 'aki@internet.test', to: ['hanako@home.test'], bytes }, hooks)

/** Each of these stands in the inbox exactly once, and byte for byte. */
async function arrivedOnce(letters: readonly Buffer[], mark: string, withinMs: number): Promise<void> {
  const found = await awaitLetters(demo.ready, hanako(), mark, { count: letters.length, withinMs })
  for (const letter of letters)
    assert.equal(found.filter(stored => isIdentical(stored, letter)).length, 1, letter.toString('latin1', 0, 60))
  assert.equal(found.length, letters.length)
}

const heldNow = () => hikyakuJson<readonly ListedEntry[]>(demo, 'gateway', ['queue', 'ls'])

test('home stopped: thirty letters are taken at once, and delivered once each when home is back', async t => {
  await demo.control({ stop: 'home' })
  const letters = Array.from({ length: 30 }, (_, number) =>
    letterBytes(`away-${number}`, number % 10 === 9 ? 300_000 : 800),
  )
  const times: number[] = []
  for (const bytes of letters) {
    const begun = performance.now()
    const { reply } = await send(bytes)
    times.push(performance.now() - begun)
    assert.match(reply, /^250 /)
  }
  const slowest = Math.max(...times)
  t.diagnostic(`30 letters taken while home was away: slowest ${slowest.toFixed(0)} ms from connect to QUIT`)
  assert.ok(slowest < 2_000, 'a home that is away costs the sender no wait')
  assert.equal((await heldNow()).length, 30)
  await demo.control({ start: 'home' })
  const returned = await homeAnswers()
  await arrivedOnce(letters, 'Message-ID: <away-', 10_000)
  t.diagnostic(`all there ${((Date.now() - returned) / 1000).toFixed(1)} s after home took connections again`)
  assert.deepEqual(await heldNow(), [])
})

async function homeAnswers(): Promise<number> {
  const deadline = Date.now() + 60_000
  for (;;) {
    try {
      const session = await openSession(demo.ready.ports['imap'] ?? 0, /^\* OK /)
      session[Symbol.dispose]()
      return Date.now()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}

test('the link cut in the middle of a letter of 5 MB, at several moments: each taken, each there once', async t => {
  const letters: Buffer[] = []
  const replies: string[] = []
  for (const delayMs of [0, 15, 30, 60, 100, 200]) {
    const bytes = letterBytes(`cut-${delayMs}`, 5_000_000)
    letters.push(bytes)
    let cut: Promise<unknown> = Promise.resolve()
    const { reply, tookMs } = await send(bytes, {
      atDot: () => {
        cut = sleep(delayMs).then(() => demo.control({ link: 'cut' }))
      },
    })
    await cut
    assert.match(reply, /^250 /)
    replies.push(`${delayMs} ms: ${tookMs.toFixed(0)} ms ${/will be delivered/.test(reply) ? 'held' : 'stored'}`)
    await sleep(100)
    await demo.control({ link: 'mend' })
  }
  t.diagnostic(`cut after the dot by … answered after …: ${replies.join(', ')}`)
  assert.ok(
    replies.some(line => line.endsWith('held')),
    'some cut hit a letter under way',
  )
  await arrivedOnce(letters, 'Message-ID: <cut-', 30_000)
})

test('cut while the sender is still sending: the letter goes to the hold and arrives once', async () => {
  const bytes = letterBytes('early', 5_000_000)
  const { reply } = await send(bytes, { atData: async () => void (await demo.control({ link: 'cut' })) })
  assert.match(reply, /^250 /)
  await demo.control({ link: 'mend' })
  await arrivedOnce([bytes], 'Message-ID: <early@', 20_000)
})

test('a wrong link key: letters are held, never bounced, the log names it; with the right key they arrive once', async () => {
  const config = join(folder, 'gateway', 'config.yaml')
  const right = readFileSync(config, 'utf8')
  const wrongKey = join(folder, 'link', 'wrong.key')
  writeFileSync(wrongKey, `${'5a'.repeat(32)}\n`, { mode: 0o600 })
  await restartGateway(config, right.replace(/linkKeyFile: .*/, `linkKeyFile: ${wrongKey}`))
  const letters = [letterBytes('wrong-key-1'), letterBytes('wrong-key-2')]
  for (const bytes of letters) {
    const { reply, recipients } = await send(bytes)
    assert.match(recipients[0] ?? '', /^250 /)
    assert.match(reply, /^250 /, 'taken into the hold')
  }
  await sleep(1_500)
  const held = await heldNow()
  assert.equal(held.length, 2, 'they wait')
  assert.ok(held.every(({ recipients }) => recipients.every(({ state }) => state !== 'failed')))
  assert.match(readFileSync(join(folder, 'home.log'), 'utf8'), /What a gateway tells of a message does not hold/)
  assert.equal((await awaitLetters(demo.ready, hanako(), 'wrong-key', { withinMs: 0 })).length, 0)
  const { arrived } = await demo.control({ arrived: 'aki@internet.test' })
  assert.deepEqual(arrived, [], 'the sender hears of no failure')

  await restartGateway(config, right)
  await arrivedOnce(letters, 'Message-ID: <wrong-key-', 30_000)
  assert.deepEqual(await heldNow(), [])
})

async function restartGateway(config: string, text: string): Promise<void> {
  await demo.control({ stop: 'gateway' })
  writeFileSync(config, text)
  await demo.control({ start: 'gateway' })
  const deadline = Date.now() + 60_000
  for (;;) {
    try {
      const session = await openSession(mx())
      session[Symbol.dispose]()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}
