// A power cut in the middle: the process is killed while it adds and delivers, again and again, on the same files.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { silentEvents } from '../events.ts'
import type { DeliveryId } from '../ids.ts'
import { openQueue } from './open-queue.ts'

const folder = process.env['QUEUE_CRASH_FOLDER']
const thisFile = fileURLToPath(import.meta.url)

if (folder === undefined)
  test('nothing acknowledged is lost, nothing recorded as delivered is tried again', { timeout: 60_000 }, async t => {
    const path = await mkdtemp(join(tmpdir(), 'hikyaku-crash-'))
    t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }))
    const added = new Set<string>()
    const attempted = new Set<string>()
    const recorded = new Set<string>()
    const check = (line: string) => {
      const [word = '', id = ''] = line.split(' ')
      if (word === 'added') added.add(id)
      if (word === 'recorded') recorded.add(id)
      if (word !== 'attempt') return
      assert.ok(!recorded.has(id), `${id} was tried again although its delivery was on disk`)
      attempted.add(id)
    }
    for (let boot = 1; boot <= 6; boot++) await life(path, boot, 30 + 45 * boot, check)
    assert.ok(added.size > 50, `only ${added.size} were added`)
    assert.ok(recorded.size > 0 && recorded.size < added.size, 'the cuts came in the middle')
    await life(path, 7, undefined, check)
    assert.deepEqual(
      [...added].filter(id => !attempted.has(id)),
      [],
      'lost',
    )
    assert.deepEqual(await readdir(join(path, 'spool')), [])
  })
else await child(folder, Number(process.env['QUEUE_CRASH_BOOT']), process.env['QUEUE_CRASH_DRAIN'] === '1')

/** One life of the process: killed so long after its first word, or, without, until the queue is empty. */
async function life(path: string, boot: number, killAfterMs: number | undefined, check: (line: string) => void) {
  const drain = killAfterMs === undefined ? '1' : '0'
  const env = { ...process.env, QUEUE_CRASH_FOLDER: path, QUEUE_CRASH_BOOT: String(boot), QUEUE_CRASH_DRAIN: drain }
  const running = spawn(process.execPath, [thisFile], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<NodeJS.Signals | number | null>(resolve =>
    running.on('exit', (code, signal) => resolve(signal ?? code)),
  )
  let text = ''
  running.stdout.setEncoding('utf8')
  running.stdout.once('data', () => {
    if (killAfterMs !== undefined) setTimeout(() => running.kill('SIGKILL'), killAfterMs)
  })
  for await (const chunk of running.stdout) text += String(chunk)
  assert.equal(await exited, killAfterMs === undefined ? 0 : 'SIGKILL')
  // A last line that was cut off says nothing.
  text.slice(0, text.lastIndexOf('\n')).split('\n').forEach(check)
}

async function child(path: string, boot: number, drain: boolean): Promise<void> {
  // a pipe that is full for a moment (EAGAIN) must not swallow a word
  const say = (line: string): void => {
    for (;;)
      try {
        return void writeSync(1, `${line}\n`)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
  }
  let attempts = 0
  await using queue = await openQueue({
    file: join(path, 'queue.db'),
    spoolFolder: join(path, 'spool'),
    name: 'hold',
    destinationOf: () => 'home',
    transportFor: (_, message) => async envelope => {
      const deferred = !drain && ++attempts % 3 === 0
      if (!deferred) say(`attempt ${message.id}`)
      await pause(1)
      const reply = deferred ? { code: 450, lines: ['Later'] } : { code: 250, lines: ['Stored'] }
      return envelope.recipients.map(() => ({ status: deferred ? 'deferred' : 'delivered', reply }))
    },
    clock: systemClock,
    log: silentLog,
    events: {
      ...silentEvents,
      record: event => void (event.kind === 'passed-on' && say(`recorded ${event.delivery}`)),
    },
    diskReserveBytes: 0,
    policy: { firstRetryMs: 20, maxRetryMs: 50 },
  })
  say('ready')
  if (drain) {
    while (queue.depth > 0) await pause(10)
    return
  }
  await Promise.all(Array.from({ length: 8 }, (_, caller) => addForEver(caller)))

  async function addForEver(caller: number): Promise<void> {
    const small = Buffer.alloc(4096, 'x')
    const large = Buffer.alloc(200 * 1024, 'y')
    for (let n = 0; ; n++) {
      const id = `gw.${boot}.${caller}-${n}`
      await queue.add({
        id: id as DeliveryId,
        envelope: {
          reversePath: 'a@internet.test',
          recipients: [{ address: 'b@home.test' }],
          body: '7BIT',
          smtpUtf8: false,
        },
        trace: emptyBytes,
        message: memorySource(n % 8 === 7 ? large : small),
        facts: '{}',
        fingerprint: utf8(id),
        receivedAt: Date.now(),
        expiresAt: Date.now() + 1e9,
      })
      say(`added ${id}`)
    }
  }
}
