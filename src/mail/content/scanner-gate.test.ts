import assert from 'node:assert/strict'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { messageToJudge, plainSettings, withContent } from './content.testbed.ts'
import { scannerPingMs, scannerRetryMs } from './limits.ts'
import { NotScanned, type ScanFinding, type Scanner } from './scanner.ts'
import { ScannerGate, type ScannerSettings } from './scanner-gate.ts'

const settings: ScannerSettings = { deadlineMs: 200, atOnce: 2, whenAbsent: 'deliver' }
const letter =
  'From: aki@internet.test\nTo: hanako@home.test\nSubject: Hi\nDate: Fri, 27 Nov 2026 02:00:00 +0000\nMessage-ID: <1@internet.test>\n\nHello'

function scannerThat(
  scan: (signal: AbortSignal) => Promise<ScanFinding>,
  name: Scanner['name'] = 'clamav',
): Scanner & { asked: number } {
  const scanner = {
    name,
    asked: 0,
    scan: (_message: unknown, signal: AbortSignal) => {
      scanner.asked++
      return scan(signal)
    },
    keyOf: (_message: unknown, hash: string) => hash,
  }
  return scanner
}

const gateOf = (scanner: Scanner, more: Partial<ScannerSettings> = {}, log = silentLog) =>
  new ScannerGate(scanner, () => ({ ...settings, ...more }), { log, clock: systemClock })
const hangs = () =>
  scannerThat(
    signal => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  )

test('asked once a message, however many its recipients', async () => {
  const scanner = scannerThat(() => Promise.resolve({ advice: 'none' }))
  const gate = gateOf(scanner)
  const message = messageToJudge(letter)
  await Promise.all(Array.from({ length: 50 }, () => gate.scan(message, 'one', settings)))
  await gate.scan(message, 'two', settings)
  assert.equal(scanner.asked, 2)
})

test('one that hangs: the deadline ends it, the others do not wait, one line tells it; back again, another', async () => {
  const lines: string[] = []
  const note = (line: string) => void lines.push(line)
  let works = false
  let now = 0
  const silent = hangs()
  const scanner: Scanner = {
    ...silent,
    scan: (message, signal) => (works ? Promise.resolve({ advice: 'none' }) : silent.scan(message, signal)),
  }
  const clock = { now: () => 1_000_000 + now, monotonic: () => now }
  const gate = new ScannerGate(scanner, () => settings, { log: { ...silentLog, warn: note, info: note }, clock })
  const message = messageToJudge(letter)
  const begun = performance.now()
  const first = await Promise.all(['a', 'b'].map(hash => gate.scan(message, hash, settings)))
  assert.deepEqual(
    first.map(({ kind }) => kind),
    ['absent', 'absent'],
  )
  for (let index = 0; index < 100; index++)
    assert.equal((await gate.scan(message, `x${index}`, settings)).kind, 'absent')
  assert.ok(performance.now() - begun < 1000)
  assert.equal(gate.state.absentSince, 1_000_000)
  works = true
  now += scannerRetryMs + 1
  assert.equal((await gate.scan(message, 'y', settings)).kind, 'found')
  assert.equal(gate.state.absentSince, undefined)
  assert.deepEqual(lines, [
    'A scanner does not answer; until it does, mail is delivered without it',
    'A scanner answers again',
  ])
})

test('a message that it cannot bear, while it answers for others, keeps nobody else unscanned', async () => {
  let now = 0
  const clock = { now: () => now, monotonic: () => now++ }
  const poison = Promise.withResolvers<ScanFinding>()
  const scanner: Scanner = {
    name: 'clamav',
    keyOf: (_message, hash) => hash,
    scan: ({ envelope }) =>
      envelope.reversePath === 'bomb@evil.test' ? poison.promise : Promise.resolve({ advice: 'none' }),
  }
  const gate = new ScannerGate(scanner, () => settings, { log: silentLog, clock })
  const message = messageToJudge(letter)
  const bomb = gate.scan(
    { ...message, envelope: { ...message.envelope, reversePath: 'bomb@evil.test' } },
    'bomb',
    settings,
  )
  assert.equal((await gate.scan(message, 'good', settings)).kind, 'found')
  poison.reject(new Error('The answer did not come in time'))
  assert.deepEqual(await bomb, { kind: 'absent', why: 'The answer did not come in time' })
  assert.equal(gate.state.absentSince, undefined)
  assert.equal((await gate.scan(message, 'next', settings)).kind, 'found')
})

// One letter that a scanner could not bear made it absent for five seconds where no other mail was in flight.
test('a message that it cannot bear, alone: it answers a ping, and the next is scanned; three different ones in a row, and it counts as absent', async () => {
  let pings = 0
  const scanner: Scanner = {
    name: 'clamav',
    keyOf: (_message, hash) => hash,
    scan: ({ envelope }) =>
      envelope.reversePath === 'bomb@evil.test'
        ? Promise.reject(new Error('it died over this one'))
        : Promise.resolve({ advice: 'none' }),
    ping: async () => void pings++,
  }
  const gate = gateOf(scanner)
  const good = messageToJudge(letter)
  const bomb = { ...good, envelope: { ...good.envelope, reversePath: 'bomb@evil.test' } }
  for (let time = 0; time < 4; time++)
    assert.deepEqual(await gate.scan(bomb, 'the same again', settings), {
      kind: 'absent',
      why: 'it died over this one',
    })
  assert.equal(pings, 4)
  assert.equal(gate.state.absentSince, undefined)
  assert.equal((await gate.scan(good, 'next', settings)).kind, 'found')
  for (const hash of ['1', '2', '3']) await gate.scan(bomb, hash, settings)
  assert.notEqual(gate.state.absentSince, undefined)
  assert.equal(pings, 6, 'the third is enough')
  assert.equal((await gate.scan(good, 'another', settings)).kind, 'absent')
})

test('a ping that hangs or fails: absent after half a second at most', async () => {
  for (const ping of [
    (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    () => Promise.reject(new Error('connect ECONNREFUSED')),
  ]) {
    const gate = gateOf({ ...scannerThat(() => Promise.reject(new Error('gone'))), ping })
    const begun = performance.now()
    assert.deepEqual(await gate.scan(messageToJudge(letter), 'a', settings), { kind: 'absent', why: 'gone' })
    assert.ok(performance.now() - begun < 4 * scannerPingMs)
    assert.notEqual(gate.state.absentSince, undefined)
  }
})

test('what it does not take is no absence', async () => {
  const gate = gateOf(scannerThat(() => Promise.reject(new NotScanned('larger than what it takes (StreamMaxLength)'))))
  assert.deepEqual(await gate.scan(messageToJudge(letter), 'a', settings), {
    kind: 'not-scanned',
    why: 'larger than what it takes (StreamMaxLength)',
  })
  assert.equal(gate.state.absentSince, undefined)
})

for (const [what, finding, more, expected] of [
  ['a virus is refused', { advice: 'reject', virus: 'Eicar' }, {}, { verdict: 'reject', virustest: 5 }],
  [
    'a virus goes to Junk where the owner says so',
    { advice: 'reject', virus: 'Eicar' },
    { virus: 'junk' },
    { verdict: 'junk', virustest: 5 },
  ],
  ['clean', { advice: 'none' }, {}, { verdict: 'clean', virustest: 1 }],
] as const)
  test(`clamav: ${what}`, () => {
    const scanner = scannerThat(() => Promise.resolve(finding))
    return withContent(
      async ({ judge }) => {
        const { verdict, virustest } = await judge(letter)
        assert.deepEqual({ verdict, virustest }, expected)
      },
      { scanners: [{ scanner, settings: () => settings }], settings: () => ({ ...plainSettings, ...more }) },
    )
  })

for (const [what, finding, more, verdict, code] of [
  ['add header', { advice: 'junk', score: 7, required: 15 }, {}, 'junk', 'scanner-says-junk'],
  ['reject', { advice: 'reject', score: 20, required: 15 }, {}, 'junk', 'scanner-says-reject'],
  [
    'reject, and the owner refuses',
    { advice: 'reject', score: 20, required: 15 },
    { scannerReject: 'reject' },
    'reject',
    'scanner-says-reject',
  ],
  ['soft reject', { advice: 'try-later', score: 5, required: 15 }, {}, 'try-later', 'scanner-says-try-later'],
  ['no action', { advice: 'none', score: 2, required: 15 }, {}, 'clean', 'scanner-says-none'],
] as const)
  test(`rspamd: ${what}`, () => {
    const scanner = scannerThat(
      () => Promise.resolve({ ...finding, symbols: [{ name: 'BAYES_SPAM', points: 5 }] }),
      'rspamd',
    )
    return withContent(
      async ({ judge }) => {
        const judged = await judge(letter)
        assert.deepEqual([judged.verdict, judged.reasons[0]?.code], [verdict, code])
        assert.equal(judged.reasons[0]?.detail?.['symbols'], 'BAYES_SPAM')
      },
      { scanners: [{ scanner, settings: () => settings }], settings: () => ({ ...plainSettings, ...more }) },
    )
  })

test('absent: delivered with the reason, or deferred, as the owner says; off is not asked', async () => {
  for (const [whenAbsent, verdict] of [
    ['deliver', 'clean'],
    ['defer', 'try-later'],
  ] as const) {
    const scanner = scannerThat(() => Promise.reject(new Error('connect ECONNREFUSED')))
    await withContent(
      async ({ judge, content }) => {
        const judged = await judge(letter)
        assert.deepEqual([judged.verdict, judged.reasons.at(-1)?.code], [verdict, 'scanner-absent'])
        assert.equal(content.scanners()[0]?.why, 'connect ECONNREFUSED')
      },
      { scanners: [{ scanner, settings: () => ({ ...settings, whenAbsent }) }] },
    )
  }
  const off = hangs()
  await withContent(async ({ judge }) => assert.equal((await judge(letter)).verdict, 'clean'), {
    scanners: [{ scanner: off, settings: () => undefined }],
  })
  assert.equal(off.asked, 0)
})
