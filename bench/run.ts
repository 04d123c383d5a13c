// `npm run bench`: ours beside Debian's Dovecot and Postfix, back to back on this machine; ends with one line of ratios.
//
//   --only lmtp,e2e   --n N   --runs N   --warm N  --sizes 4,50   --sessions 1,10,50   --users 1,100   --json   --gate (exit 1 when short)
//
// Raw output: bench/results/*.txt. What the rows mean: bench/README.md; figures that are kept: docs/performance.md.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const here = import.meta.dirname
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'lmtp,e2e' },
    n: { type: 'string', default: '3000' },
    'e2e-n': { type: 'string', default: '2000' },
    runs: { type: 'string', default: '3' },
    // to both servers before each run: a mail server has been up for months, its first seconds say little
    warm: { type: 'string', default: '2000' },
    sizes: { type: 'string', default: '4,50' },
    sessions: { type: 'string', default: '1,10,50' },
    users: { type: 'string', default: '1,100' },
    json: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
  },
})

type Row = { readonly name: string; readonly value: number; readonly cpuMsPerMessage: number | undefined }
type Comparison = {
  readonly name: string
  readonly ours: number
  readonly theirs: number
  readonly ratio: number
  readonly cpuRatio: number | undefined
  readonly goal: number
}

const peers = process.env['PEERS'] ?? '/tmp/peers-of-hikyaku'
const env = { ...process.env, PEERS: peers, N: flags['e2e-n'] }
const shape = ['--sizes', flags.sizes, '--users', flags.users]
install()
rmSync(join(peers, 'results'), { recursive: true, force: true })

const comparisons: Comparison[] = []
for (const part of flags.only.split(',')) {
  if (part === 'lmtp') {
    const lmtp = ['--only', 'lmtp', ...shape, '--sessions', flags.sessions]
    await bench('dovecot', './dovecot.sh', lmtp)
    await bench('ours', './ours.sh', [...oursPorts(), ...lmtp])
    compare('dovecot', 'ours', 'lmtp_deliver', name => (name.endsWith('sess1') ? 1 : 3))
  }
  if (part === 'e2e') {
    const e2e = ['--only', 'e2e', ...shape]
    // mail that an interrupted run left in the queue would be counted
    rmSync(join(peers, 'postfix'), { recursive: true, force: true })
    await run('./postfix.sh', ['start'])
    await bench('postfix-dovecot', './dovecot.sh', e2e)
    await run('./postfix.sh', ['stop'])
    await bench('ours-two', './ours.sh', [...oursPorts(), ...e2e], { SHAPE: 'two' })
    compare('postfix-dovecot', 'ours-two', 'smtp_to_mailbox', () => 5)
  }
}
mkdirSync(join(here, 'results'), { recursive: true })
cpSync(join(peers, 'results'), join(here, 'results'), { recursive: true })
report()

function install(): void {
  if (existsSync(join(peers, 'bin', 'mb')) && existsSync(join(peers, 'dovecot-imapd'))) return
  const done = spawnSync(join(here, 'install.sh'), { stdio: ['ignore', 2, 2], env })
  if (done.status !== 0) throw new Error('The peers could not be installed (bench/install.sh)')
}

function oursPorts(): string[] {
  return spawnSync(join(here, 'ours.sh'), ['ports'], { env, encoding: 'utf8' }).stdout.trim().split(' ')
}

function bench(
  name: string,
  peer: string,
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Promise<void> {
  return run(
    './bench.py',
    [name, '--peer', peer, '--n', flags.n, '--runs', flags.runs, '--warm', flags.warm, ...args],
    extra,
  )
}

function run(command: string, args: readonly string[], extra: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = spawn(command, args, { cwd: here, env: { ...env, ...extra }, stdio: ['ignore', 2, 2] })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))))
  })
}

function rowsOf(name: string): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const line of readFileSync(join(peers, 'results', `${name}.txt`), 'utf8').split('\n')) {
    const found = /^(\S+) ([\d.e+]+) msg\/s/.exec(line)
    if (!found?.[1]) continue
    const cpu = /server_cpu=([\d.]+)ms/.exec(line)?.[1]
    const cpuMsPerMessage = cpu === undefined ? undefined : Number(cpu)
    rows.set(found[1], { name: found[1], value: Number(found[2]), cpuMsPerMessage })
  }
  return rows
}

function compare(theirs: string, ours: string, prefix: string, goal: (name: string) => number): void {
  const mine = rowsOf(ours)
  for (const row of rowsOf(theirs).values()) {
    const own = mine.get(row.name)
    if (!row.name.startsWith(prefix) || !own) continue
    comparisons.push({
      name: row.name,
      ours: own.value,
      theirs: row.value,
      ratio: own.value / row.value,
      cpuRatio: own.cpuMsPerMessage && row.cpuMsPerMessage ? own.cpuMsPerMessage / row.cpuMsPerMessage : undefined,
      goal: goal(row.name),
    })
  }
}

function report(): void {
  const short = comparisons.filter(row => row.ratio < row.goal || (row.cpuRatio ?? 0) > 1 / 3)
  for (const row of comparisons)
    process.stderr.write(
      `${row.name.padEnd(36)} ours ${row.ours.toFixed(0).padStart(6)}/s  theirs ${row.theirs.toFixed(0).padStart(6)}/s  ${row.ratio.toFixed(1)}x (goal ${row.goal}x)  cpu ${row.cpuRatio?.toFixed(2) ?? '-'}\n`,
    )
  if (flags.json) process.stdout.write(`${JSON.stringify({ comparisons })}\n`)
  else
    process.stdout.write(
      `bench: ${comparisons.length - short.length} of ${comparisons.length} rows reach their goal; slowest ratio ${Math.min(...comparisons.map(row => row.ratio)).toFixed(1)}x\n`,
    )
  if (flags.gate && short.length > 0) process.exitCode = 1
}
