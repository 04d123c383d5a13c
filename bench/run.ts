// `npm run bench`: ours beside Debian's Dovecot and Postfix, back to back on this machine; ends with one line of ratios.
//
//   --only lmtp,e2e,soak,box,append,idle,jmap   --n N   --runs N   --warm N  --sizes 4,50   --sessions 1,10,50   --users 1,100
//   --checks all,none (e2e: ours with all checks, with none, or both; soak: --rounds times --e2e-n letters with all checks, and the memory after each round)
//   --busy (on a machine that is never quiet: nothing is waited for or repeated)
//   --compress (idle connections are compressed)
//   --boxes 1000,10000,100000 (box: beside Maildir and mdbox; from a million on beside mdbox alone)   --idle 2000,10000
//   --commands text,bodyall --warm-rounds 5 --stores maildir,mdbox (box: only these of the commands that read; so often before they count; beside which)
//   --letters 100000 (jmap: in the inbox; beside Cyrus by JMAP and Dovecot by IMAP)
//   --json   --gate (exit 1 when short)
//
// Raw output: bench/results/*.txt. What the rows mean: bench/README.md; figures that are kept: docs/performance.md.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  boxGoal,
  checkedGoal,
  type Comparison,
  comparisonsOf,
  type Goal,
  idleGoal,
  isReached,
  lmtpGoal,
  mailboxGoal,
  printComparison,
} from './compare.ts'

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
    boxes: { type: 'string', default: '10000,100000' },
    commands: { type: 'string', default: '' },
    'warm-rounds': { type: 'string', default: '5' },
    stores: { type: 'string', default: 'maildir,mdbox' },
    idle: { type: 'string', default: '2000' },
    checks: { type: 'string', default: 'none,all' },
    rounds: { type: 'string', default: '10' },
    letters: { type: 'string', default: '100000' },
    compress: { type: 'boolean', default: false },
    busy: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
  },
})

/** The bench fails when a letter is in a mailbox that not every check has seen (checks/prove.ts) */
const allChecks = ['--checks', 'all']
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
    compare('dovecot', 'ours', lmtpGoal)
  }
  if (part === 'e2e') {
    const e2e = ['--only', 'e2e', ...shape]
    // mail that an interrupted run left in the queue would be counted
    rmSync(join(peers, 'postfix'), { recursive: true, force: true })
    await run('./postfix.sh', ['start'])
    await bench('postfix-dovecot', './dovecot.sh', e2e)
    await run('./postfix.sh', ['stop'])
    if (flags.checks.includes('none')) {
      await bench('ours-two', './ours.sh', [...oursPorts(), ...e2e], { SHAPE: 'two', CHECKS: 'none' })
      compare('postfix-dovecot', 'ours-two', mailboxGoal)
    }
    if (flags.checks.includes('all')) {
      await bench('ours-checks', './ours.sh', [...oursPorts(), ...e2e, ...allChecks], { SHAPE: 'two', CHECKS: 'all' })
      compare('postfix-dovecot', 'ours-checks', checkedGoal, ' all checks')
    }
  }
  if (part === 'soak') {
    const soak = ['--only', 'soak', ...shape, '--rounds', flags.rounds, ...allChecks]
    await bench('ours-soak', './ours.sh', [...oursPorts(), ...soak], { SHAPE: 'two', CHECKS: 'all' })
  }
  if (part === 'box') for (const size of flags.boxes.split(',')) await box(Number(size))
  if (part === 'append') {
    await bench('ours-append', './ours.sh', [...oursPorts(), '--only', 'append'])
    for (const store of ['maildir', 'mdbox']) {
      await bench(`${store}-append`, './dovecot.sh', ['--only', 'append'], { STORE: store })
      compare(`${store}-append`, 'ours-append', () => 1)
    }
  }
  if (part === 'idle') {
    const idle = ['--only', 'idle', '--idle', flags.idle, '--idle-users', '1', '--compress', flags.compress ? '1' : '0']
    await bench('ours-idle', './ours.sh', [...oursPorts(), ...idle])
    await bench('dovecot-idle', './dovecot.sh', idle)
    compare('dovecot-idle', 'ours-idle', idleGoal)
  }
  if (part === 'jmap') await jmap()
}
mkdirSync(join(here, 'results'), { recursive: true })
cpSync(join(peers, 'results'), join(here, 'results'), { recursive: true })
report()

async function box(size: number): Promise<void> {
  // commands are given some times before they count, to either server: see --warm
  const rounds = size >= 1_000_000 ? '1' : flags['warm-rounds']
  const box = ['--only', 'box', '--boxes', String(size), '--warm-rounds', rounds, '--commands', flags.commands]
  await bench(`ours-box${size}`, './ours.sh', [...oursPorts(), ...box])
  for (const store of size >= 1_000_000 ? ['mdbox'] : flags.stores.split(',')) {
    await bench(`${store}-box${size}`, './dovecot.sh', box, { STORE: store })
    compare(`${store}-box${size}`, `ours-box${size}`, boxGoal)
  }
}

async function jmap(): Promise<void> {
  await run(process.execPath, [join(here, 'jmap.ts'), '--letters', flags.letters])
  compare('cyrus-jmap', 'ours-jmap', () => 1)
  for (const theirs of ['dovecot-imap', 'dovecot.xapian-imap']) compare(theirs, 'ours-imap', () => 1)
}

function install(): void {
  const generator = join(peers, 'bin', 'mb')
  const isNew = existsSync(generator) && statSync(generator).mtimeMs > statSync(join(here, 'mb.c')).mtimeMs
  if (isNew && existsSync(join(peers, 'dovecot-imapd'))) return
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
    [
      name,
      '--peer',
      peer,
      '--n',
      flags.n,
      '--runs',
      flags.runs,
      '--warm',
      flags.warm,
      '--busy',
      flags.busy ? '1' : '0',
      ...args,
    ],
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

function compare(theirs: string, ours: string, goal: Goal, remark = ''): void {
  const read = (name: string) => readFileSync(join(peers, 'results', `${name}.txt`), 'utf8')
  const rows = comparisonsOf({ name: theirs, rows: read(theirs) }, { name: ours, rows: read(ours) }, goal)
  comparisons.push(...rows.map(row => ({ ...row, name: row.name + remark })))
}

function report(): void {
  const short = comparisons.filter(row => !isReached(row))
  for (const row of comparisons) process.stderr.write(`${printComparison(row)}\n`)
  if (flags.json) process.stdout.write(`${JSON.stringify({ comparisons })}\n`)
  else
    process.stdout.write(
      comparisons.length === 0
        ? 'bench: nothing was compared\n'
        : `bench: ${comparisons.length - short.length} of ${comparisons.length} rows reach their goal; lowest ratio ${Math.min(...comparisons.map(row => row.ratio)).toFixed(1)}x\n`,
    )
  if (flags.gate && short.length > 0) process.exitCode = 1
}
