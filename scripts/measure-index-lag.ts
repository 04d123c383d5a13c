// `node scripts/measure-index-lag.ts [--letters 20000] [--sessions 50] [--users 1] [--without-index]`: letters come by LMTP as fast as they are taken, and how old the oldest
// letter is that the search index does not have is told ten times a second. Needs what `npm run bench` installs (mb, ours.sh); nothing is kept.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    letters: { type: 'string', default: '20000' },
    sessions: { type: 'string', default: '50' },
    users: { type: 'string', default: '1' },
    size: { type: 'string', default: '4096' },
    'without-index': { type: 'boolean', default: false },
  },
})
const peers = process.env['PEERS'] ?? '/tmp/peers-of-hikyaku'
const portsAt = Number(process.env['PORTS_AT'] ?? '12700')
const bench = join(import.meta.dirname, '..', 'bench')
const env = { ...process.env, PEERS: peers, SHAPE: 'home' }

/** How many had come by then, and how many of them the index did not have */
type Look = { readonly at: number; readonly came: number; readonly behind: number }

for (const act of ['stop', 'reset', 'start']) hook(act)
if (values['without-index']) preventIndex()
try {
  // the program is warm, and the box not empty
  await deliver(2000)
  if (values['without-index']) await rateAlone()
  else await rateAndLag()
} finally {
  hook('stop')
}

async function rateAlone(): Promise<void> {
  const begun = performance.now()
  await deliver(Number(values.letters))
  const seconds = (performance.now() - begun) / 1000
  process.stdout.write(`without an index: ${(Number(values.letters) / seconds).toFixed(0)}/s\n`)
}

async function rateAndLag(): Promise<void> {
  await caughtUp()
  const before = (await look()).came
  const looks: Look[] = []
  let going = true
  const watching = (async () => {
    while (going) {
      looks.push(await look())
      await sleep(100)
    }
  })()
  const begun = performance.now()
  await deliver(Number(values.letters))
  const seconds = (performance.now() - begun) / 1000
  const ended = performance.now()
  await caughtUp()
  going = false
  await watching
  const ages = looks.filter(({ at }) => at <= ended).map(each => ageOf(each, looks))
  const sorted = ages.toSorted((one, other) => one - other)
  process.stdout.write(
    `${values.letters} letters to ${values.users} users over ${values.sessions} sessions: ${(Number(values.letters) / seconds).toFixed(0)}/s; ` +
      `behind at most ${Math.max(...looks.map(({ behind }) => behind))} letters; the oldest not indexed: median ${at(sorted, 0.5)} s, ` +
      `p99 ${at(sorted, 0.99)} s, at most ${at(sorted, 1)} s; caught up ${((performance.now() - ended) / 1000).toFixed(1)} s after the last (came: ${(looks.at(-1)?.came ?? 0) - before})\n`,
  )
}

/** Where a file should be there is a folder: the index cannot be opened, and is tried again a minute later. */
function preventIndex(): void {
  hook('stop')
  const accounts = join(peers, 'ours', 'home', 'data', 'accounts')
  for (const account of readdirSync(accounts)) {
    if (account === 'journal') continue
    for (const end of ['', '-wal', '-shm']) rmSync(join(accounts, account, `search.db${end}`), { force: true })
    mkdirSync(join(accounts, account, 'search.db'))
  }
  hook('start')
}

/** Seconds since the oldest letter came that the index did not have; letters are indexed in their order. */
function ageOf({ at: now, came, behind }: Look, looks: readonly Look[]): number {
  if (behind === 0) return 0
  const known = came - behind
  const first = looks.find(each => each.came > known)
  return first ? (now - first.at) / 1000 : 0
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1)
}

async function caughtUp(): Promise<void> {
  const deadline = performance.now() + 120_000
  while ((await look()).behind > 0) {
    if (performance.now() > deadline) throw new Error('The index has not caught up within two minutes')
    await sleep(200)
  }
}

async function look(): Promise<Look> {
  const text = await (await fetch(`http://127.0.0.1:${portsAt + 65}/metrics`)).text()
  return {
    at: performance.now(),
    came: sum(text, 'hikyaku_mail_events_total{kind="delivered"'),
    behind: sum(text, 'hikyaku_search_lag_messages'),
  }
}

function sum(text: string, metric: string): number {
  let total = 0
  for (const line of text.split('\n')) if (line.startsWith(metric)) total += Number(line.split(' ').at(-1))
  return total
}

function hook(act: string): void {
  const done = spawnSync(join(bench, 'ours.sh'), [act], { env, cwd: bench, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) throw new Error(`ours.sh ${act} ended with ${done.status}`)
}

function deliver(letters: number): Promise<void> {
  const args = ['deliver', '--proto', 'lmtp', '--port', String(portsAt + 24), '--n', String(letters)]
  const more = ['--sessions', values.sessions, '--size', values.size, '--users', values.users]
  const child = spawn(join(peers, 'bin', 'mb'), [...args, ...more], { stdio: ['ignore', 'ignore', 2] })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(`mb ended with ${code}`))))
  })
}
