// `npm run storm`: a stranger's server sends at 20 connections while gateway, home and link are killed and cut at random; then
// every mailbox is read back. Ends with: N accepted, N delivered, 0 lost, 0 doubled, K kills.
//
//   --messages N (2000)  --kills N (60)  --seed N  --connections N (20)  --plant FAULT  --json  --keep
//
// With --plant the demo runs with that fault in it (see src/base/faults.ts), and the storm must find it: exit 0 when it does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startDemo } from '../support/demo.ts'
import { seededRandom } from '../support/random.ts'
import { createChaos } from './chaos.ts'
import { type Letter, writeLetter } from './letters.ts'
import { type Ledger, readLedger } from './ledger.ts'
import { type Fate, runSender } from './sender.ts'

const { values: flags } = parseArgs({
  options: {
    messages: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '60' },
    connections: { type: 'string', default: '20' },
    seed: { type: 'string' },
    'port-offset': { type: 'string', default: '13000' },
    minutes: { type: 'string', default: '12' },
    plant: { type: 'string' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

const minimumEach = Math.floor(Number(flags.kills) / 4)
const seed = Number(flags.seed ?? Date.now() % 1_000_000)
const random = seededRandom(seed)
const folder = mkdtempSync(join(tmpdir(), 'hikyaku-storm-'))
say(
  `storm: seed ${seed}, ${flags.messages} messages over ${flags.connections} connections, at least ${flags.kills} strikes`,
)

const demo = await startDemo({
  folder,
  portOffset: Number(flags['port-offset']),
  env: flags.plant === undefined ? {} : { HIKYAKU_FAULT: flags.plant },
})
const accounts = demo.ready.accounts.map(account => account.address)
const letters = new Map<string, Letter>()
const accepted: Letter[] = []
const fates = { refused: [] as string[], gaveUp: 0, retries: 0 }
const chaos = createChaos({ demo, random, everyMs: 350 })
const stopAt = Date.now() + Number(flags.minutes) * 60_000
const started = performance.now()

let written = 0
/** The storm goes on until both the letters and the strikes have had their number. */
function nextLetter(): Letter | undefined {
  const enough = written >= Number(flags.messages) && struckEnough()
  if (enough || Date.now() > stopAt) return undefined
  const letter = writeLetter(`s${seed}`, written++, accounts, random)
  letters.set(letter.id, letter)
  return letter
}

function struckEnough(): boolean {
  const { gateway, home, link } = chaos.strikes
  return chaos.total >= Number(flags.kills) && Math.min(gateway, home, link) >= minimumEach
}

function onFate(letter: Letter, fate: Fate): void {
  fates.retries += fate.tries - 1
  if (fate.kind === 'accepted') accepted.push(letter)
  else if (fate.kind === 'refused') fates.refused.push(`${letter.id}: ${fate.reply}`)
  else fates.gaveUp++
}

const port = demo.ready.ports['mx'] ?? 0
const senders = Array.from({ length: Number(flags.connections) }, () =>
  runSender({ port, at: stage => chaos.at(stage), onFate, stopAt }, nextLetter),
)
await Promise.all(senders)
await chaos.stop()
const sendSeconds = (performance.now() - started) / 1000
const ledger = await settledLedger()
const exit = await demo.stop()

const summary = {
  seed,
  accepted: accepted.length,
  expected: ledger.expected,
  delivered: ledger.delivered,
  lost: ledger.lost.length,
  doubled: ledger.doubled.length,
  altered: ledger.altered.length,
  refused: fates.refused.length,
  gaveUp: fates.gaveUp,
  retries: fates.retries,
  strikes: chaos.strikes,
  stages: chaos.byStage,
  seconds: Number(sendSeconds.toFixed(1)),
  exit,
}
for (const line of [
  ...ledger.lost.slice(0, 5).map(key => `lost: ${key}`),
  ...ledger.doubled.slice(0, 5).map(key => `doubled: ${key}`),
  ...ledger.altered.slice(0, 5).map(key => `altered: ${key}`),
  ...fates.refused.slice(0, 5).map(line => `refused: ${line}`),
])
  say(line)
say(
  `strikes: gateway ${chaos.strikes.gateway}, home ${chaos.strikes.home}, link ${chaos.strikes.link}; in DATA ${chaos.byStage.data}, after the dot ${chaos.byStage.dot}, at the reply ${chaos.byStage.reply}; ${fates.retries} retries; ${sendSeconds.toFixed(0)} s`,
)
const whole =
  ledger.lost.length + ledger.doubled.length + ledger.altered.length + fates.refused.length + fates.gaveUp === 0
const well = flags.plant === undefined ? whole && struckEnough() && exit === 0 : !whole
if (flags.keep || (!well && flags.plant === undefined)) say(`data kept in ${folder}`)
else rmSync(folder, { recursive: true, force: true })
if (flags.plant !== undefined)
  say(well ? `planted fault ${flags.plant}: found` : `planted fault ${flags.plant}: NOT found`)
process.stdout.write(
  flags.json
    ? `${JSON.stringify(summary)}\n`
    : `${accepted.length} accepted, ${accepted.length - new Set(ledger.lost.map(key => key.split(' ')[0])).size} delivered, ${ledger.lost.length} lost, ${ledger.doubled.length} doubled, ${chaos.total} kills\n`,
)
process.exitCode = well ? 0 : 1

/** What was answered 250 may still wait in the hold: the queue gets time to drain, then the mailboxes must be complete and stay so. */
async function settledLedger(): Promise<Ledger> {
  const until = Date.now() + 90_000
  for (;;) {
    const current = await readLedger(demo.ready, accepted, letters).catch((error: unknown) => {
      say(`reading back: ${String(error)}`)
      return undefined
    })
    if (current && (current.lost.length === 0 || Date.now() > until)) {
      // a late second copy would come from the hold: give it a chance to show
      await sleep(3_000)
      return readLedger(demo.ready, accepted, letters)
    }
    await sleep(2_000)
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
