// `npm run interop`: our system beside programs of others, each in its folder here. Ends with: interop: N passed, N failed, N skipped.
//
//   npm run interop -- [PEER…] [--json]
//
// A peer that cannot be had is skipped, which is said; with CI=true that is a failure. INTEROP_KEEP=1 keeps the temporary folders.
import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { run } from 'node:test'
import { parseArgs } from 'node:util'

type Outcome = {
  readonly peer: string
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  readonly why?: string
}

/** All of them take about a minute and a half on two processors. */
const fileTimeoutMs = 170_000

const { values: flags, positionals: peers } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const files = globSync('*/*.test.ts', { cwd: import.meta.dirname })
  .filter(file => peers.length === 0 || peers.includes(dirname(file)))
  .sort()
const marks = { passed: '✓', failed: '✗', skipped: '-' } as const
const outcomes: Outcome[] = []
await runFiles()
const count = (result: Outcome['result']) => outcomes.filter(outcome => outcome.result === result).length
const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')]
if (flags.json) console.log(JSON.stringify({ passed, failed, skipped, outcomes }))
else console.log(`interop: ${passed} passed, ${failed} failed, ${skipped} skipped`)
if (failed > 0 || passed + skipped === 0 || (skipped > 0 && process.env['CI'] === 'true')) process.exitCode = 1

async function runFiles(): Promise<void> {
  const stream = run({
    files: files.map(file => join(import.meta.dirname, file)),
    concurrency: 2,
    timeout: fileTimeoutMs,
  })
  for await (const { type, data } of stream) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const { file = '', name } = data
    const isWhole = name === file || ('type' in data.details && data.details.type === 'suite')
    const skip = data.skip ?? data.todo
    // a suite counts only when it tells what its tests do not: skipped as a whole, or broken before or after them
    if (isWhole && skip === undefined && (type === 'test:pass' || onlyItsTestsFailed(data.details))) continue
    const why = skip === undefined ? causeOf(data.details) : String(skip)
    tell({
      peer: basename(dirname(file)),
      name,
      result: skip !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed',
      ...(why !== undefined && { why }),
    })
  }
}

function onlyItsTestsFailed(details: object): boolean {
  const error = 'error' in details ? details.error : undefined
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed'
}

function causeOf(details: object): string | undefined {
  const error = 'error' in details ? details.error : undefined
  if (!(error instanceof Error)) return undefined
  const cause = error.cause instanceof Error ? error.cause : error
  return (cause.stack ?? cause.message).slice(0, 4_000)
}

function tell(outcome: Outcome): void {
  outcomes.push(outcome)
  if (flags.json) return
  console.log(
    `${marks[outcome.result]} ${outcome.peer}: ${outcome.name}${outcome.result === 'skipped' ? ` (${outcome.why})` : ''}`,
  )
  if (outcome.result === 'failed' && outcome.why !== undefined) console.log(outcome.why)
}
