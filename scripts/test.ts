// `npm test`: everything, in order of cost. One line per step; the last line is "N passed, N failed, N skipped", and how many
// files were unsteady, if any.
// Each proof ends with a line that says its figure. A skipped peer is said aloud, and with CI=true counts as a failure.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { type Lanes, type Outcome, runFiles } from './test-files.ts'
import { shareCompiledCode } from './compile-cache.ts'
import { pureTests, slow, unitTests } from './unit-tests.ts'

type Tally = { passed: number; failed: number; skipped: number; unsteady: number }
type Script = { readonly name: string; readonly command: readonly string[]; readonly timeoutMs: number }

shareCompiledCode({ anew: true })

const minute = 60_000
const scripts: readonly Script[] = [
  { name: 'check', command: ['node', 'scripts/check.ts', '--no-tests'], timeoutMs: 2 * minute },
  { name: 'rfc drift', command: ['node', 'rfc/check.ts', '--drift'], timeoutMs: minute },
]

const peers: Script = {
  name: 'programs of others',
  command: ['node', 'tests/support/install-peers.ts'],
  timeoutMs: 10 * minute,
}

const storm: Script = {
  name: 'storm: 2,000 letters, 60 strikes',
  command: ['node', 'tests/storm/run.ts', '--messages', '2000', '--kills', '60'],
  timeoutMs: 10 * minute,
}

const plantedStorms = ['answer-before-disk', 'forget-deliveries'].map(
  (fault): Script => ({
    name: `storm finds a planted fault: ${fault}`,
    command: ['node', 'tests/storm/run.ts', '--plant', fault, '--messages', '600', '--kills', '18'],
    timeoutMs: 5 * minute,
  }),
)

/** These fill disks, count moments or load both cores by themselves: one at a time beside a storm, two when the storms are over. */
const heavy = [
  'tests/crash/*.test.ts',
  'tests/e2e/*.test.ts',
  'tests/fuzz/*.test.ts',
  'tests/queue-scale/*.test.ts',
  'tests/walk/walk.test.ts',
].flatMap(pattern => globSync(pattern))

/** Begun first: at the end one of them alone would keep one processor waiting. */
const long = [
  'tests/walk/faults.test.ts',
  'tests/webmail/offline.test.ts',
  'tests/webmail/xss/xss.test.ts',
  'tests/search/proof.test.ts',
  'tests/jmap-walk/faults.test.ts',
]

const findings = ['tests/crash/*.test.ts', 'tests/fuzz/*.test.ts'].flatMap(pattern => globSync(pattern))

const tally: Tally = { passed: 0, failed: 0, skipped: 0, unsteady: 0 }
const outcomes: Outcome[] = []
for (const script of scripts) await runScript(script)
// the programs of others come while the unit tests run, which need none of them
const units = unitTests.filter(file => !pureTests.includes(file)).sort((one, other) => rank(one) - rank(other))
await Promise.all([runTests('unit', ['tests/support/pure-functions.ts', ...units], 3), runScript(peers)])
const others = globSync('tests/**/*.test.ts').filter(file => !heavy.includes(file) && !long.includes(file))
await runTests('side by side', [...long, ...others.sort()], 3)
const storms = runStorms()
await runTests('heavy', heavy, [Promise.resolve(), storms])
await storms
await runAgain()
const named = outcomes
  .toSorted((one, other) => other.seconds - one.seconds)
  .slice(0, 12)
  .map(({ file, seconds }) => `${file} ${seconds.toFixed(0)} s`)
process.stdout.write(`slowest: ${named.join(', ')}\n`)
if (process.env['CI'] === 'true' && tally.skipped > 0) {
  process.stdout.write(`${tally.skipped} skipped: with CI=true a skipped test counts as failed\n`)
  tally.failed += tally.skipped
}
const unsteady = tally.unsteady > 0 ? `, ${tally.unsteady} files unsteady` : ''
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped${unsteady}\n`)
process.exitCode = tally.failed === 0 ? 0 : 1

/** Half of the time they wait, for restarts and for what is sent again. */
async function runStorms(): Promise<void> {
  await runScript(storm)
  // these must fail in their own way, however busy the machine is
  await Promise.all(plantedStorms.map(runScript))
}

/** The slow ones first, so that all lanes end together */
function rank(file: string): number {
  return slow.has(file) ? 0 : 1
}

async function runTests(name: string, files: readonly string[], lanes: Lanes): Promise<void> {
  const begun = performance.now()
  const ended = await runFiles(files, lanes, count)
  outcomes.push(...ended)
  const passed = ended.reduce((sum, one) => sum + one.passed, 0)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  process.stdout.write(`${name}: ${files.length} test files, ${passed} tests passed (${seconds} s)\n`)
}

function count(outcome: Outcome): void {
  tally.passed += outcome.passed
  tally.failed += outcome.failed
  tally.skipped += outcome.skipped.length
  for (const text of outcome.skipped) process.stdout.write(`- skipped: ${text}\n`)
  for (const text of outcome.failures) process.stdout.write(`✗ ${text}\n`)
}

/**
 * What failed beside others runs once more with the machine to itself: its deadlines and its luck with ports and folders are part of the
 * machine. If all goes well then it is called unsteady and not failed, and stands in the log and in the last line, to be mended. What looks
 * for faults with the same input each time (fuzz, crash) has no second run. A walk has one, since its clients meet by chance: what the first
 * found stands in the log with its whole course, and is looked into like a failure.
 */
async function runAgain(): Promise<void> {
  const again = outcomes.filter(({ file, failed }) => failed > 0 && !findings.includes(file))
  // many at once are no bad luck
  if (again.length === 0 || again.length > 4) return
  for (const first of again) {
    const [second] = await runFiles([first.file], 1, () => {})
    if (!second || second.failed > 0) continue
    tally.passed += second.passed - first.passed
    tally.failed -= first.failed
    tally.unsteady++
    process.stdout.write(`~ unsteady: ${first.file} failed (above), and passed alone\n`)
  }
}

async function runScript(script: Script): Promise<void> {
  const begun = performance.now()
  const [command = '', ...args] = script.command
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), script.timeoutMs)
  const code = await new Promise<number>(resolve => {
    child.on('error', () => resolve(2))
    child.on('close', status => resolve(status ?? 2))
  })
  clearTimeout(timer)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${script.name} (${seconds} s)\n`)
  if (code === 0) tally.passed++
  else tally.failed++
}
