// `npm run check`: format, lint, types, layers and unit tests, two at a time; prints one line per step and a last line with the total.
import { spawn } from 'node:child_process'
import { shareCompiledCode } from './compile-cache.ts'
import { pureTests, slow, unitTests } from './unit-tests.ts'

shareCompiledCode()

type Step = { readonly name: string; readonly command: readonly string[] }
type Outcome = { readonly step: Step; readonly code: number; readonly output: string; readonly seconds: number }

const quick = unitTests.filter(file => !slow.has(file) && !pureTests.includes(file))

const steps: Step[] = [
  { name: 'format', command: ['biome', 'format', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--quiet'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of the webmail', command: ['tsc', '-p', 'web'] },
  { name: 'rfc index', command: ['node', 'rfc/check.ts'] },
  {
    name: 'unit tests',
    // by itself Node runs one file at a time on two cores, and most of them wait half of their time
    command: ['node', '--test', '--test-concurrency=3', '--test-reporter=dot', 'tests/layers.test.ts', ...quick],
  },
  {
    name: 'unit tests of pure functions',
    command: ['node', '--test', '--test-isolation=none', '--test-reporter=dot', ...pureTests],
  },
]

if (process.argv.includes('--no-tests')) steps.splice(-2)

const started = performance.now()
const queue = [...steps]
const outcomes: Outcome[] = []
await Promise.all([drain(), drain()])
const failed = outcomes.filter(outcome => outcome.code !== 0)
for (const outcome of failed) process.stdout.write(`\n--- ${outcome.step.name}\n${outcome.output}\n`)
const seconds = ((performance.now() - started) / 1000).toFixed(1)
process.stdout.write(`check: ${steps.length - failed.length} of ${steps.length} steps passed in ${seconds} s\n`)
process.exitCode = failed.length === 0 ? 0 : 1

async function drain(): Promise<void> {
  for (let step = queue.shift(); step; step = queue.shift()) {
    const outcome = await run(step)
    outcomes.push(outcome)
    process.stdout.write(`${outcome.code === 0 ? '✓' : '✗'} ${step.name} (${outcome.seconds.toFixed(1)} s)\n`)
  }
}

function run(step: Step): Promise<Outcome> {
  const begun = performance.now()
  const [command = '', ...args] = step.command
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise(resolve => {
    const settle = (code: number) => resolve({ step, code, output, seconds: (performance.now() - begun) / 1000 })
    child.on('error', error => {
      output += String(error)
      settle(2)
    })
    child.on('close', code => settle(code ?? 2))
  })
}
