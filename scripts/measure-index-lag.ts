// `node scripts/measure-index-lag.ts [--letters 5000] [--rounds 3] [--sessions 50] [--users 1] [--size 4096]`: letters come by LMTP as fast as they are
// taken, in turn to users that have a search index and to users that have none, in one process; how old the oldest letter is that the index does not
// have is told ten times a second. Needs what `npm run bench` installs (mb, ours.sh); nothing is kept.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type ThreadTimes, threadTimes, timesBetween } from './measure-threads.ts'

const { values } = parseArgs({
  options: {
    letters: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '3' },
    sessions: { type: 'string', default: '50' },
    users: { type: 'string', default: '1' },
    size: { type: 'string', default: '4096' },
  },
})
const peers = process.env['PEERS'] ?? '/tmp/peers-of-hikyaku'
const portsAt = Number(process.env['PORTS_AT'] ?? '12700')
const bench = join(import.meta.dirname, '..', 'bench')
const env = { ...process.env, PEERS: peers, SHAPE: 'home' }
const letters = Number(values.letters)
const users = Number(values.users)
const usersOfTemplate = 100
const dataFolder = join(peers, 'ours', 'home', 'data')

/** How many had come by then, and how many of them the index did not have */
type Look = { readonly at: number; readonly came: number; readonly behind: number }

/** One turn: letters a second, and processor milliseconds a letter by thread until all of them were indexed */
type Turn = { readonly rate: number; readonly times: ThreadTimes; readonly lag?: Lag }

/** Seconds since the oldest letter came that the index did not have */
type Lag = { readonly ages: readonly number[]; readonly behind: number; readonly after: number }

/** Letters of users without an index: they stay behind */
let forgotten = 0

for (const act of ['stop', 'reset', 'start']) hook(act)
try {
  withoutIndexFrom(users + 1)
  // the program is warm, and the boxes not empty
  for (const first of [users + 1, 1]) await turn(first, 2000)
  const turns: { readonly with: Turn; readonly without: Turn }[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const without = await turn(users + 1, letters)
    turns.push({ without, with: await turn(1, letters) })
    process.stderr.write(
      `round ${round + 1}: ${turns.at(-1)?.with.rate.toFixed(0)}/s with, ${without.rate.toFixed(0)}/s without\n`,
    )
  }
  report(turns)
} finally {
  hook('stop')
}

/** Users from this one on get a folder where the index should be: it cannot be opened, and is not tried again within the minute. */
function withoutIndexFrom(first: number): void {
  hook('stop')
  const last = first + users - 1
  if (last > usersOfTemplate) importUsers(last)
  const directory = new DatabaseSync(join(dataFolder, 'directory.db'), { readOnly: true })
  const select = directory.prepare('SELECT account FROM user WHERE address = ?')
  for (let user = first; user <= last; user++) {
    const row = select.get(`u${user}@example.test`)
    if (!row) throw new Error(`There is no user u${user}`)
    const file = join(dataFolder, 'accounts', String(row['account']), 'search.db')
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
    mkdirSync(file)
  }
  directory.close()
  hook('start')
}

function importUsers(last: number): void {
  const file = join(peers, 'ours', 'more-users')
  const lines = Array.from({ length: last - usersOfTemplate }, (_, index) => `u${usersOfTemplate + index + 1}`)
  writeFileSync(file, lines.map(name => `${name}@example.test:{PLAIN}secret\n`).join(''))
  const config = join(peers, 'ours', 'home', 'config.yaml')
  run(join(bench, '..', 'hikyaku'), ['user', 'import', '--passwd-file', file, '--config', config])
}

async function turn(first: number, count: number): Promise<Turn> {
  const hasIndex = first === 1
  const looks: Look[] = []
  const before = threadTimes(pid())
  let going = hasIndex
  const watching = (async () => {
    for (; going; await sleep(100)) looks.push(await look())
  })()
  const begun = performance.now()
  await deliver(first, count)
  const ended = performance.now()
  await (hasIndex ? caughtUp() : sleep(1500))
  const after = (performance.now() - ended) / 1000
  going = false
  await watching
  const times = timesBetween(before, threadTimes(pid()), count)
  const rate = (count / (ended - begun)) * 1000
  if (!hasIndex) {
    forgotten += (await look()).behind
    return { rate, times }
  }
  const ages = looks.filter(({ at }) => at <= ended).map(each => ageOf(each, looks))
  return { rate, times, lag: { ages, behind: Math.max(...looks.map(({ behind }) => behind)), after } }
}

function report(turns: readonly { readonly with: Turn; readonly without: Turn }[]): void {
  const rates = (kind: 'with' | 'without') => turns.map(each => each[kind].rate)
  const each = (kind: 'with' | 'without') =>
    `${median(rates(kind)).toFixed(0)}/s (${rates(kind)
      .map(rate => rate.toFixed(0))
      .join(', ')})`
  const share = median(turns.map(({ with: one, without: other }) => 1 - one.rate / other.rate))
  const lags = turns.flatMap(({ with: { lag } }) => lag ?? [])
  const ages = lags.flatMap(lag => lag.ages).toSorted((one, other) => one - other)
  const lines = [
    `${letters} letters of ${values.size} octets to ${users} users over ${values.sessions} sessions, ${values.rounds} rounds`,
    `with the index ${each('with')}, without ${each('without')}: slowed by ${(share * 100).toFixed(1)} %`,
    `behind at most ${Math.max(...lags.map(lag => lag.behind))} letters; the oldest not indexed: median ${at(ages, 0.5)} s, p99 ${at(ages, 0.99)} s, ` +
      `at most ${at(ages, 1)} s; caught up ${median(lags.map(lag => lag.after)).toFixed(1)} s after the last`,
    ...(['with', 'without'] as const).map(
      kind => `processor ms a letter ${kind}: ${timesOf(turns.map(one => one[kind]))}`,
    ),
  ]
  process.stdout.write(lines.map(line => `${line}\n`).join(''))
}

function timesOf(turns: readonly Turn[]): string {
  const names = [...new Set(turns.flatMap(({ times }) => Object.keys(times)))]
  const rows = names.map(name => ({ name, ms: median(turns.map(({ times }) => times[name] ?? 0)) }))
  const all = median(turns.map(({ times }) => Object.values(times).reduce((sum, ms) => sum + ms, 0)))
  const told = rows.filter(({ ms }) => ms >= 0.005).toSorted((one, other) => other.ms - one.ms)
  return `all ${all.toFixed(2)}; ${told.map(({ name, ms }) => `${name} ${ms.toFixed(2)}`).join(', ')}`
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN
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
    behind: sum(text, 'hikyaku_search_lag_messages') - forgotten,
  }
}

function sum(text: string, metric: string): number {
  let total = 0
  for (const line of text.split('\n')) if (line.startsWith(metric)) total += Number(line.split(' ').at(-1))
  return total
}

/** Of home: the shell that started it has become it */
function pid(): number {
  return Number(readFileSync(join(peers, 'ours', 'home.pid'), 'utf8'))
}

function hook(act: string): void {
  run(join(bench, 'ours.sh'), [act])
}

function run(file: string, args: readonly string[]): void {
  const done = spawnSync(file, args, { env, cwd: bench, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) throw new Error(`${file} ${args[0]} ended with ${done.status}`)
}

function deliver(first: number, count: number): Promise<void> {
  const args = ['deliver', '--proto', 'lmtp', '--port', String(portsAt + 24), '--n', String(count)]
  const more = ['--sessions', values.sessions, '--size', values.size, '--users', values.users, '--first', String(first)]
  const child = spawn(join(peers, 'bin', 'mb'), [...args, ...more], { stdio: ['ignore', 'ignore', 2] })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(`mb ended with ${code}`))))
  })
}
