// The disk fills up, at home and at the gateway, with a reserve and without: nothing that was answered 250 is lost, everything
// that was deferred arrives once when there is room again, and reading and deleting go on meanwhile.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isIdentical } from '../storm/ledger.ts'
import { type RunningDemo, startDemo } from '../support/demo.ts'
import {
  accountOf,
  awaitLetters,
  letterBytes,
  lettersIn,
  openMailbox,
  openSession,
  sendLetter,
} from '../support/mail-clients.ts'
import { freeOffset } from '../support/ports.ts'
import { seededRandom } from '../support/random.ts'
import { type DiskKind, mountSmallDisk, type SmallDisk, whyNoSmallDisk } from '../support/small-disk.ts'

const MiB = 1024 * 1024
/** What the free room is remembered for */
const noticedMs = 1_100
const sentAtOnce = 3
const skip = whyNoSmallDisk() ?? false

// each has disks and boxes of its own, and waits most of the time
describe('a full disk', { skip, concurrency: 2 }, () => {
  for (const kind of ['tmpfs', 'ext4'] as const)
    describe(kind, { concurrency: 1 }, () => {
      proofsOn(kind)
    })
})

function proofsOn(kind: DiskKind): void {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-full-'))
  const homeDisk = mountSmallDisk(kind, 64)
  const gatewayDisk = mountSmallDisk(kind, 64)
  const disks = { home: homeDisk, gateway: gatewayDisk }
  let demo: RunningDemo | undefined
  after(async () => {
    await demo?.stop()
    homeDisk[Symbol.dispose]()
    gatewayDisk[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })

  const running = async (): Promise<RunningDemo> => {
    if (demo) return demo
    const started = await startDemo({ folder, portOffset: await freeOffset(), plain: true })
    demo = started
    for (const box of ['home', 'gateway'] as const) {
      await started.control({ stop: box })
      cpSync(join(folder, box, 'data'), join(disks[box].path, 'data'), { recursive: true })
      const config = join(folder, box, 'config.yaml')
      writeFileSync(config, readFileSync(config, 'utf8').replace(/^data: .*$/m, `data: ${disks[box].path}/data`))
    }
    return started
  }

  /** Both boxes anew, each with this reserve. */
  const restarted = async (reserve: string): Promise<RunningDemo> => {
    const one = await running()
    for (const box of ['gateway', 'home'] as const) await one.control({ stop: box })
    for (const box of ['home', 'gateway'] as const) {
      setReserve(join(folder, box, 'config.yaml'), reserve)
      await one.control({ start: box })
    }
    await answers(one.ready.ports['imap'] ?? 0, /^\* OK /)
    await answers(one.ready.ports['mx'] ?? 0, /^220 /)
    return one
  }

  test('home full up to its reserve: 452 before DATA; reading, flagging and expunging go on', async () => {
    const one = await restarted('16MiB')
    assert.match(await sent(one, letterBytes(`${kind}-before`)), /^250 /)
    homeDisk.fill(8 * MiB)
    await sleep(noticedMs)
    assert.match(await sent(one, letterBytes(`${kind}-reserve`)), /^452 4\.3\.1 /)
    await readAndExpunge(one, `${kind}-before`)
    homeDisk.makeRoom()
    await sleep(noticedMs)
    assert.match(await sent(one, letterBytes(`${kind}-reserve`)), /^250 /)
    await arrivedOnce(one, [letterBytes(`${kind}-reserve`)], `<${kind}-reserve@`)
  })

  test('the gateway full up to its reserve: what would be held is deferred, what goes straight through is taken', async () => {
    const one = await running()
    gatewayDisk.fill(8 * MiB)
    await sleep(noticedMs)
    assert.match(await sent(one, letterBytes(`${kind}-b-through`)), /^250 /)
    await one.control({ stop: 'home' })
    assert.match(await sent(one, letterBytes(`${kind}-b-hold`)), /^452 4\.3\.1 /)
    gatewayDisk.makeRoom()
    await sleep(noticedMs)
    assert.match(await sent(one, letterBytes(`${kind}-b-hold`)), /^250 /)
    await one.control({ start: 'home' })
    await arrivedOnce(one, [letterBytes(`${kind}-b-through`), letterBytes(`${kind}-b-hold`)], `<${kind}-b-`)
  })

  test('home really full, without a reserve: letters small and large while the disk fills, stays full and empties', async t => {
    const one = await restarted('0B')
    // not one octet free: nothing is asked here that must write
    const reads = async () => assert.ok((await lettersIn(one.ready, accountOf(one.ready, 'hanako'))).length > 0)
    await reads()
    const { letters, replies } = await trafficWhile(one, `${kind}-home`, homeDisk, async () => {
      await reads()
      await refusesAppends(one)
      process.kill(one.pid('home'), 'SIGKILL')
      await sleep(1_000)
    })
    assert.ok(
      replies.some(reply => reply.startsWith('4')),
      'the disk was full indeed',
    )
    t.diagnostic(summary(replies))
    await arrivedOnce(one, letters, `<${kind}-home-`)
    await one.control({ stop: 'home' })
    await one.control({ start: 'home' })
    await arrivedOnce(one, letters, `<${kind}-home-`)
  })

  test('the gateway really full, home away: the same for the hold', async t => {
    const one = await running()
    await one.control({ stop: 'home' })
    const { letters, replies } = await trafficWhile(one, `${kind}-gateway`, gatewayDisk)
    assert.ok(
      replies.some(reply => reply.startsWith('4')),
      'the disk was full indeed',
    )
    t.diagnostic(summary(replies))
    await one.control({ start: 'home' })
    await arrivedOnce(one, letters, `<${kind}-gateway-`)
  })

  test('no database is damaged', async () => {
    const one = await running()
    await one.stop()
    demo = undefined
    const databases = [homeDisk, gatewayDisk].flatMap(({ path }) =>
      readdirSync(join(path, 'data'), { recursive: true, encoding: 'utf8' })
        .filter(name => name.endsWith('.db') && !name.endsWith('lock.db'))
        .map(name => join(path, 'data', name)),
    )
    assert.ok(databases.length >= 5, databases.join())
    for (const file of databases) {
      using database = new DatabaseSync(file)
      assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' }, file)
    }
  })
}

function setReserve(config: string, reserve: string): void {
  const text = readFileSync(config, 'utf8').replace(/\n {2}accounts:.*\n/, '\n')
  const line = `  accounts: { diskReserve: ${reserve} }\n`
  writeFileSync(config, /^home:$/m.test(text) ? text.replace(/^home:\n/m, `home:\n${line}`) : `${text}home:\n${line}`)
}

async function answers(port: number, greeting: RegExp): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    try {
      const session = await openSession(port, greeting)
      session[Symbol.dispose]()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}

async function refusesAppends(demo: RunningDemo): Promise<void> {
  await using client = await openMailbox(demo.ready, accountOf(demo.ready, 'hanako'))
  await assert.rejects(client.append('INBOX', letterBytes('appended', 200_000)), 'it says that there is no room')
  assert.ok(await client.status('INBOX', { messages: true }), 'the session goes on')
}

function sent(demo: RunningDemo, bytes: Buffer): Promise<string> {
  const letter = { from: 'aki@internet.test', to: ['hanako@home.test'], bytes }
  return sendLetter(demo.ready.ports['mx'] ?? 0, letter).then(
    ({ reply }) => reply,
    (error: unknown) => `lost: ${String(error)}`,
  )
}

async function readAndExpunge(demo: RunningDemo, mark: string): Promise<void> {
  await using client = await openMailbox(demo.ready, accountOf(demo.ready, 'hanako'))
  const lock = await client.getMailboxLock('INBOX')
  try {
    const found = await client.search({ header: { 'message-id': `<${mark}@internet.test>` } }, { uid: true })
    const [uid] = Array.isArray(found) ? found : []
    assert.ok(uid, 'it can be searched')
    const message = await client.fetchOne(`${uid}`, { source: true }, { uid: true })
    assert.ok(message && message.source?.includes(mark), 'it can be read')
    assert.equal(await client.messageFlagsAdd(`${uid}`, ['\\Flagged'], { uid: true }), true)
    assert.equal(await client.messageDelete(`${uid}`, { uid: true }), true)
    assert.equal(await client.fetchOne(`${uid}`, { uid: true }, { uid: true }), false, 'it is gone')
  } finally {
    lock.release()
  }
}

/**
 * Sends letters of all sizes while the disk fills up in the midst of them, stays full, and empties; like a stranger's server it
 * sends again what it was told to send again, until everything is taken.
 */
async function trafficWhile(
  demo: RunningDemo,
  mark: string,
  disk: SmallDisk,
  whileFull: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly letters: readonly Buffer[]; readonly replies: readonly string[] }> {
  const random = seededRandom(7)
  const sizes = [500, 2_000, 60_000, 200_000, 1_500_000]
  const letters = Array.from({ length: 24 }, (_, number) => letterBytes(`${mark}-${number}`, random.pick(sizes)))
  const replies: string[] = []
  let waiting = [...letters]
  for (let round = 0; waiting.length > 0; round++) {
    assert.ok(round < 8, `still refused: ${replies.at(-1)}`)
    const again: Buffer[] = []
    for (let at = 0; at < waiting.length; at += sentAtOnce) {
      // first the room goes bit by bit, then there is none
      if (round < 2) disk.fill(round === 0 ? Math.max(0, 4 * MiB - at * 0.25 * MiB) : 0)
      const some = waiting.slice(at, at + sentAtOnce)
      const answered = await Promise.all(some.map(bytes => sent(demo, bytes)))
      replies.push(...answered)
      assert.ok(
        answered.every(reply => !reply.startsWith('5')),
        answered.join(),
      )
      again.push(...some.filter((_, index) => !answered[index]?.startsWith('250')))
    }
    waiting = again
    if (round === 1) {
      await whileFull()
      disk.makeRoom()
      await sleep(noticedMs)
    }
  }
  disk.makeRoom()
  return { letters, replies }
}

function summary(replies: readonly string[]): string {
  const counts = Object.entries(Object.groupBy(replies, reply => reply.replace(/^(250).*/, '$1'))).map(
    ([reply, some]) => `${some?.length} × ${reply}`,
  )
  return counts.join('; ')
}

/** Each stands in the inbox exactly once, byte for byte. */
async function arrivedOnce(demo: RunningDemo, letters: readonly Buffer[], mark: string): Promise<void> {
  const options = { count: letters.length, withinMs: 30_000 }
  const found = await awaitLetters(demo.ready, accountOf(demo.ready, 'hanako'), `Message-ID: ${mark}`, options)
  for (const letter of letters)
    assert.equal(found.filter(stored => isIdentical(stored, letter)).length, 1, letter.toString('latin1', 0, 60))
}
