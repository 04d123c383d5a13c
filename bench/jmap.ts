// What a list of letters asks of a server that holds a large inbox: ours by JMAP and IMAP, Cyrus by JMAP, Dovecot by IMAP (with and without dovecot-fts-xapian),
// filled with the same letters and asked in turn.
//
//   node bench/jmap.ts --letters 100000 --runs 21 [--steps fill,prove,measure,stop] [--rows list,mailboxes] [--parties ours-jmap,cyrus-jmap]
//
// Prints rows as bench.py does, and keeps them in $PEERS/results/PARTY.txt, one file for each column. What the rows mean: bench/README.md.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure, prove, rows, type Timed } from './lists/measure.ts'
import { address, fill, hook, parties, peers, servers } from './lists/servers.ts'

const { values: flags } = parseArgs({
  options: {
    letters: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '21' },
    steps: { type: 'string', default: 'fill,prove,measure,stop' },
    rows: { type: 'string' },
    /** Such as ours-jmap,cyrus-jmap: who is asked; everybody, if nobody is named */
    parties: { type: 'string' },
    /** Rows that bring news leave letters behind: the number of the first one of this run */
    next: { type: 'string' },
  },
})
const letters = Number(flags.letters)
const steps = new Set(flags.steps.split(','))

try {
  if (steps.has('fill')) for (const server of servers) await filled(server)
  if (steps.has('prove') || steps.has('measure')) await ask()
} catch (thrown) {
  // what was filled before stays, to be looked at
  if (steps.has('fill')) steps.add('stop')
  throw thrown
} finally {
  if (steps.has('stop')) for (const { name } of servers) hook(name, 'stop')
}

async function filled(server: (typeof servers)[number]): Promise<void> {
  const begun = performance.now()
  await fill(server, letters)
  say(`# ${server.name}: filled in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
}

async function ask(): Promise<void> {
  const quick = route('replace')
  say(`# ${new Date().toISOString()} load ${loadavg().map(load => load.toFixed(1))}`)
  say(
    quick
      ? '# acknowledged at once'
      : '# no route could be set (root, iproute2): 40 ms of Cyrus are its last packet waiting',
  )
  const everybody = await parties(letters)
  const asked = everybody.filter(({ name }) => flags.parties === undefined || flags.parties.split(',').includes(name))
  try {
    if (steps.has('prove')) for (const line of await prove(asked, letters)) say(line)
    const wanted = rows.filter(({ name }) => flags.rows === undefined || flags.rows.split(',').includes(name))
    if (steps.has('measure'))
      for await (const timed of measure(asked, wanted, Number(flags.runs), Number(flags.next ?? letters))) keep(timed)
  } finally {
    for (const { close } of everybody) close()
    if (quick) route('del')
  }
}

/** Every packet from there is acknowledged at once; nothing but these connections goes by it. */
function route(act: 'replace' | 'del'): boolean {
  const way = [
    'route',
    act,
    'table',
    'local',
    'local',
    address,
    'dev',
    'lo',
    ...(act === 'del' ? [] : ['quickack', '1']),
  ]
  return spawnSync('ip', way).status === 0
}

function keep({ party, row, times, found }: Timed): void {
  const sorted = times.toSorted((one, other) => one - other)
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
  const line = `${party.replace(/^.*-/, '')}.${row} ${median.toPrecision(4)} ms  # found=${found} runs=${times.length} min=${sorted[0]?.toFixed(1)} max=${sorted.at(-1)?.toFixed(1)}`
  mkdirSync(join(peers, 'results'), { recursive: true })
  appendFileSync(join(peers, 'results', `${party}.txt`), `${line}\n`)
  say(`${party.padEnd(20)} ${line}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
