// `npm run storm`: a stranger's server sends at 20 connections while gateway, home and link are killed and cut at random; then
// every mailbox is read back. Ends with: N accepted, N delivered, 0 lost, 0 doubled, K kills.
//
//   --messages N (2000)  --kills N (60)  --seed N  --connections N (20)  --minutes N (12)  --port-offset N  --plant FAULT  --json  --keep
//
// With --plant the demo runs with that fault in it (see src/base/faults.ts), and the storm must find it: exit 0 when it does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type RunningDemo, startDemo } from '../support/demo.ts'
import { freeOffset } from '../support/ports.ts'
import { seededRandom } from '../support/random.ts'
import { type Chaos, createChaos } from './chaos.ts'
import { type Letter, writeLetter } from './letters.ts'
import { type Ledger, readLedger } from './ledger.ts'
import { type Fate, runSender } from './sender.ts'

const { values: flags } = parseArgs({
  options: {
    messages: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '60' },
    connections: { type: 'string', default: '20' },
    seed: { type: 'string' },
    'port-offset': { type: 'string' },
    minutes: { type: 'string', default: '12' },
    plant: { type: 'string' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

const minimumEach = Math.floor(Number(flags.kills) / 4)
const seed = Number(flags.seed ?? Date.now() % 1_000_000)
/** What was answered 250 may wait in the hold for so long after the storm; with a planted fault it may be lost for good. */
const drainMs = flags.plant === undefined ? 90_000 : 20_000

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-storm-'))
say(
  `storm: seed ${seed}, ${flags.messages} messages over ${flags.connections} connections, at least ${flags.kills} strikes`,
)
let keep = flags.keep
try {
  const run = await storm()
  keep ||= !run.well && flags.plant === undefined
  if (keep) say(`data kept in ${folder}`)
  process.stdout.write(flags.json ? `${JSON.stringify(run.summary)}\n` : `${run.line}\n`)
  process.exitCode = run.well ? 0 : 1
} catch (error) {
  keep ||= !stopping.signal.aborted
  say(keep ? `${String(error)}; data kept in ${folder}` : String(error))
  process.exitCode = stopping.signal.aborted ? 130 : 2
} finally {
  if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
}

async function storm() {
  const demo = await startDemo({
    folder,
    portOffset: flags['port-offset'] === undefined ? await freeOffset() : Number(flags['port-offset']),
    env: flags.plant === undefined ? {} : { HIKYAKU_FAULT: flags.plant },
    signal: stopping.signal,
  })
  try {
    const sent = await send(demo)
    const ledger = await settledLedger(demo, sent)
    return judge(sent, ledger, await demo.stop())
  } finally {
    await demo.stop()
  }
}

type Sent = {
  readonly letters: ReadonlyMap<string, Letter>
  readonly accepted: readonly Letter[]
  readonly refused: readonly string[]
  readonly gaveUp: number
  readonly retries: number
  readonly chaos: Chaos
  readonly seconds: number
}

/** The storm goes on until both the letters and the strikes have had their number. */
async function send(demo: RunningDemo): Promise<Sent> {
  const random = seededRandom(seed)
  const accounts = demo.ready.accounts.map(account => account.address)
  const letters = new Map<string, Letter>()
  const accepted: Letter[] = []
  const refused: string[] = []
  let gaveUp = 0
  let retries = 0
  const chaos = createChaos({ demo, random, everyMs: 350 })
  const started = performance.now()
  const stopAt = Date.now() + Number(flags.minutes) * 60_000
  const next = () => {
    const enough = letters.size >= Number(flags.messages) && struckEnough(chaos)
    if (enough || Date.now() > stopAt || stopping.signal.aborted) return undefined
    const letter = writeLetter(`s${seed}`, letters.size, accounts, random)
    letters.set(letter.id, letter)
    return letter
  }
  const onFate = (letter: Letter, fate: Fate) => {
    retries += fate.tries - 1
    if (fate.kind === 'accepted') accepted.push(letter)
    else if (fate.kind === 'refused') refused.push(`${letter.id}: ${fate.reply}`)
    else gaveUp++
  }
  const port = demo.ready.ports['mx'] ?? 0
  const options = { port, at: chaos.at, onFate, stopAt, signal: stopping.signal }
  await Promise.all(Array.from({ length: Number(flags.connections) }, () => runSender(options, next)))
  if (!stopping.signal.aborted) await chaos.stop()
  stopping.signal.throwIfAborted()
  return { letters, accepted, refused, gaveUp, retries, chaos, seconds: (performance.now() - started) / 1000 }
}

function struckEnough(chaos: Chaos): boolean {
  const { gateway, home, link } = chaos.strikes
  return chaos.total >= Number(flags.kills) && Math.min(gateway, home, link) >= minimumEach
}

/** What was answered 250 may still wait in the hold: the queue gets time to drain, then the mailboxes must be complete and stay so. */
async function settledLedger(demo: RunningDemo, { accepted, letters }: Sent): Promise<Ledger> {
  const until = Date.now() + drainMs
  for (;;) {
    stopping.signal.throwIfAborted()
    const late = Date.now() > until
    const current = await readLedger(demo.ready, accepted, letters).catch((error: unknown) => {
      // home may still be on its way up after the last strike
      if (late) throw error
      return undefined
    })
    if (current && (current.lost.length === 0 || late)) {
      // a late second copy would come from the hold: give it a chance to show
      await sleep(3_000)
      return readLedger(demo.ready, accepted, letters)
    }
    await sleep(2_000)
  }
}

function judge(sent: Sent, ledger: Ledger, exit: number | null) {
  const { chaos } = sent
  const faults = [
    ...named('lost', ledger.lost),
    ...named('doubled', ledger.doubled),
    ...named('altered', ledger.altered),
    ...named('refused', sent.refused),
    ...(sent.gaveUp > 0 ? [`gave up: ${sent.gaveUp}`] : []),
  ]
  for (const fault of faults) say(fault)
  say(
    `strikes: gateway ${chaos.strikes.gateway}, home ${chaos.strikes.home}, link ${chaos.strikes.link}; in DATA ${chaos.byStage.data}, after the dot ${chaos.byStage.dot}, at the reply ${chaos.byStage.reply}; ${sent.retries} retries; ${sent.seconds.toFixed(0)} s`,
  )
  if (exit !== 0) say(`the demo ended with ${exit}`)
  const lostLetters = new Set(ledger.lost.map(key => key.split(' ')[0])).size
  const count = sent.accepted.length
  const well = flags.plant === undefined ? faults.length === 0 && struckEnough(chaos) && exit === 0 : faults.length > 0
  if (flags.plant !== undefined) say(`planted fault ${flags.plant}: ${well ? 'found' : 'NOT found'}`)
  return {
    well,
    line: `${count} accepted, ${count - lostLetters} delivered, ${ledger.lost.length} lost, ${ledger.doubled.length} doubled, ${chaos.total} kills`,
    summary: {
      well,
      seed,
      ...(flags.plant !== undefined && { plant: flags.plant }),
      accepted: count,
      expected: ledger.expected,
      delivered: ledger.delivered,
      lost: ledger.lost.length,
      doubled: ledger.doubled.length,
      altered: ledger.altered.length,
      refused: sent.refused.length,
      gaveUp: sent.gaveUp,
      retries: sent.retries,
      strikes: chaos.strikes,
      stages: chaos.byStage,
      seconds: Number(sent.seconds.toFixed(1)),
      exit,
    },
  }
}

/** The first few of a kind; the figures tell how many there are. */
function named(kind: string, keys: readonly string[]): readonly string[] {
  return keys.slice(0, 5).map(key => `${kind}: ${key}`)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
