// The power goes at every sync: a workload is recorded write by write; then, for each moment at which some sync ended, the disk is
// rebuilt without anything that had not been synced, opened, and asked for everything that had been acknowledged by then.
// A kill alone never shows this: the page cache survives it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { flaggedFlag } from '#mail/account.ts'
import { type OpenAccounts, openAccounts } from '#mail/accounts.ts'
import { silentEvents } from '#mail/events.ts'
import type { AccountId } from '#mail/ids.ts'
import { openQueue } from '#mail/queue/open-queue.ts'
import { seededRandom } from '../support/random.ts'
import { isExpunged, isFlagged, letterText, workloadAccounts } from './letters.ts'
import { readSteps, type Step, StrictDisk } from './replay.ts'

const letters = Number(process.env['CRASH_LETTERS'] ?? 40)
/** Each moment costs about 0.2 s: a spread of so many, the last always among them. CRASH_MOMENTS=all takes every one. */
const moments = process.env['CRASH_MOMENTS'] === 'all' ? Infinity : Number(process.env['CRASH_MOMENTS'] ?? 40)
const seed = Number(process.env['CRASH_SEED'] ?? 1)
/** Opening a store is mostly waiting for threads and disk. */
const atOnce = 4

const root = mkdtempSync(join(tmpdir(), 'hikyaku-crash-'))
const world = join(root, 'world')
let steps: readonly Step[] = []

before(() => {
  const shim = join(root, 'shim.so')
  const source = new URL('shim.c', import.meta.url).pathname
  assert.equal(
    spawnSync('gcc', ['-shared', '-fPIC', '-O2', '-o', shim, source, '-ldl']).status,
    0,
    'gcc makes the shim',
  )
  mkdirSync(world)
  const log = join(root, 'log')
  const ran = spawnSync(process.execPath, [new URL('workload.ts', import.meta.url).pathname, world, String(letters)], {
    env: { ...process.env, LD_PRELOAD: shim, SHIM_LOG: log, SHIM_PREFIX: world },
    encoding: 'utf8',
    timeout: 120_000,
  })
  assert.equal(ran.status, 0, ran.stderr)
  steps = readSteps(readFileSync(log)).filter(step => !step.path.endsWith('-shm'))
})
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }))

test('everything acknowledged survives a power cut at any sync', async () => {
  await cutPowerAtSyncs(disk => folder => disk.materialise(folder))
})

// A disk may also have written any part of what nobody asked it to sync, in any order.
test('… also when some of the writes that were not synced reached the disk', async () => {
  const random = seededRandom(seed)
  await cutPowerAtSyncs(disk => folder => disk.materialise(folder, () => random.integer(2) === 0))
})

async function cutPowerAtSyncs(lostPower: (disk: StrictDisk) => (folder: string) => void): Promise<void> {
  const ends = steps.flatMap((step, at) => (step.kind === 'sync-end' ? [at] : []))
  assert.ok(ends.length > 20, `the workload synced ${ends.length} times`)
  const unlinked = steps.some(({ kind, path }) => kind === 'unlink' && path.includes('/messages/'))
  assert.ok(unlinked, 'the record knows the files of expunged letters')
  const journaled = steps.filter(({ kind, path }) => kind === 'sync-end' && path.endsWith('.journal')).length
  assert.ok(journaled > 5, `the journals were synced ${journaled} times`)
  const stride = Math.max(1, Math.ceil(ends.length / moments))
  const chosen = new Set(ends.filter((_, order) => order % stride === 0 || order === ends.length - 1))
  const disk = new StrictDisk(world)
  const acknowledged = new Acknowledged()
  const running = new Set<Promise<void>>()
  for (const [at, step] of steps.entries()) {
    disk.apply(step)
    acknowledged.apply(step)
    if (!chosen.has(at)) continue
    const folder = mkdtempSync(join(root, 'disk-'))
    lostPower(disk)(folder)
    const inspection = inspect(folder, acknowledged.lines(), `after step ${at} (${step.path})`)
    running.add(inspection)
    void inspection.then(
      () => running.delete(inspection),
      () => undefined,
    )
    if (running.size >= atOnce) await Promise.race(running)
  }
  await Promise.all(running)
  const last = acknowledged.lines().length
  const all = Array.from({ length: letters }, (_, number) => number)
  const wanted =
    letters * 2 + all.filter(isFlagged).length + 2 * all.filter(isExpunged).length + workloadAccounts.length
  assert.equal(last, wanted, 'the last moment knows every acknowledgement')
  process.stdout.write(
    `# power cuts: ${chosen.size} of ${ends.length} syncs, ${steps.length} steps, ${last} acknowledgements\n`,
  )
}

test('a store that does not sync is caught', async () => {
  const disk = new StrictDisk(world)
  // as if fsync did nothing: the harness must see the loss, else the test above proves nothing
  for (const step of steps) if (step.kind !== 'sync-end') disk.apply(step)
  const acknowledged = new Acknowledged()
  for (const step of steps) acknowledged.apply(step)
  const folder = mkdtempSync(join(root, 'disk-'))
  disk.materialise(folder)
  await assert.rejects(inspect(folder, acknowledged.lines(), 'without any sync'))
})

/** What the workload had been told to be safe by then. */
class Acknowledged {
  #text = ''

  apply(step: Step): void {
    if (step.kind === 'write' && step.path.endsWith('/acknowledged')) this.#text += step.data.toString()
  }

  lines(): readonly string[] {
    return this.#text.split('\n').filter(Boolean)
  }
}

async function inspect(folder: string, acknowledged: readonly string[], moment: string): Promise<void> {
  try {
    await inspectAccounts(folder, acknowledged, moment)
    await inspectQueue(folder, acknowledged, moment)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

const numbersOf = (acknowledged: readonly string[], kind: string) =>
  acknowledged.filter(line => line.startsWith(`${kind} `)).map(line => Number(line.split(' ')[1]))

/** What the callers were told: letter → UID. */
function uidsTold(acknowledged: readonly string[]): ReadonlyMap<number, number> {
  const delivered = acknowledged.filter(line => line.startsWith('delivered '))
  return new Map(delivered.map(line => line.split(' ').slice(1).map(Number) as [number, number]))
}

async function inspectAccounts(folder: string, acknowledged: readonly string[], moment: string): Promise<void> {
  await using accounts = await openAccounts({
    folder: join(folder, 'accounts'),
    log: silentLog,
    clock: systemClock,
    quotaOf: () => undefined,
    diskReserveBytes: 0,
    writerThreads: 1,
  })
  const found = new Map<number, Stored>()
  for (const number of numbersOf(acknowledged, 'account'))
    for (const stored of await storedIn(accounts, workloadAccounts[number] as AccountId)) {
      const letter = Number(/<w(\d+)@/.exec(stored.text)?.[1])
      assert.equal(stored.text, letterText(letter), `letter ${letter} is whole, ${moment}`)
      assert.ok(!found.has(letter), `letter ${letter} is there once, ${moment}`)
      found.set(letter, stored)
    }
  for (const [letter, uid] of uidsTold(acknowledged)) {
    const stored = found.get(letter)
    assert.ok(!stored || stored.uid === uid, `letter ${letter} has the UID that was told, ${moment}`)
  }
  const mayBeGone = new Set(numbersOf(acknowledged, 'expunging'))
  for (const number of numbersOf(acknowledged, 'delivered'))
    assert.ok(mayBeGone.has(number) || found.has(number), `letter ${number} was acknowledged and is lost, ${moment}`)
  for (const number of numbersOf(acknowledged, 'expunged'))
    assert.ok(!found.has(number), `letter ${number} was expunged and is back, ${moment}`)
  for (const number of numbersOf(acknowledged, 'flagged')) {
    const stored = found.get(number)
    assert.ok(!stored || stored.flags & flaggedFlag, `letter ${number} has lost its flag, ${moment}`)
  }
}

type Stored = { readonly text: string; readonly flags: number; readonly uid: number }

async function storedIn(accounts: OpenAccounts, id: AccountId): Promise<readonly Stored[]> {
  const account = await accounts.account(id)
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  using view = await account.open(inbox.id)
  assert.ok(view)
  const stored: Stored[] = []
  for (let index = 0; index < view.length; index++) {
    const source = await account.message(view.emailId(index))
    assert.ok(source, 'what a mailbox lists can be read')
    stored.push({ text: await textOf(source), flags: view.flags(index), uid: view.uid(index) })
  }
  return stored
}

async function textOf(source: MessageSource): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source.open()) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function inspectQueue(folder: string, acknowledged: readonly string[], moment: string): Promise<void> {
  const taken = new Map<string, string>()
  await using queue = await openQueue({
    file: join(folder, 'hold.db'),
    spoolFolder: join(folder, 'hold'),
    name: 'hold',
    destinationOf: () => 'home',
    transportFor: (_destination, message) => async envelope => {
      taken.set(message.id, await textOf(message.received))
      return envelope.recipients.map(() => ({ status: 'deferred', reply: { code: 451, lines: ['later'] } }))
    },
    clock: systemClock,
    log: silentLog,
    events: silentEvents,
    diskReserveBytes: 0,
  })
  const listed = new Set((await queue.list()).map(entry => entry.id as string))
  const wanted = numbersOf(acknowledged, 'held')
  for (const number of wanted) assert.ok(listed.has(`h.1.${number}`), `held ${number} must be there, ${moment}`)
  queue.wake()
  const deadline = Date.now() + 10_000
  while (wanted.some(number => !taken.has(`h.1.${number}`)) && Date.now() < deadline)
    await new Promise(resolve => setTimeout(resolve, 5))
  for (const number of wanted)
    assert.equal(taken.get(`h.1.${number}`), letterText(number), `held ${number} is whole, ${moment}`)
}
