// Runs the public vectors: per suite `passed/total`, what differs, and one line at the end. --json prints one object instead.
import { dovecot } from './dovecot.ts'
import { japanese } from './japanese.ts'
import { messages } from './mail-parser.ts'
import { tables } from './mail-parser-tables.ts'
import { reasonFor } from './set-aside.ts'
import { dmarc } from './dmarc.ts'
import { mailAuth } from './mail-auth.ts'
import { spf } from './spf.ts'
import type { CaseResult, Suite } from './suite.ts'

const suites: readonly Suite[] = [japanese, ...messages, ...tables, dovecot, ...spf, ...mailAuth, ...dmarc]

export type SuiteResult = {
  readonly suite: string
  readonly passed: number
  readonly total: number
  /** Cases whose expectation is not followed, for a reason; not in `total` */
  readonly setAside: number
  readonly failed: readonly CaseResult[]
}

export async function runSuites(): Promise<SuiteResult[]> {
  const all: SuiteResult[] = []
  for (const suite of suites) {
    const results = (await suite.run()).map(judge)
    const counted = results.filter(result => result.kind !== 'set-aside')
    const failed = counted.filter(result => result.kind === 'failed').map(result => result.result)
    const setAside = results.length - counted.length
    all.push({ suite: suite.name, passed: counted.length - failed.length, total: counted.length, setAside, failed })
  }
  return all
}

/** A case of the list that passes after all is a failure of the list. */
function judge(result: CaseResult): { kind: 'passed' | 'failed' | 'set-aside'; result: CaseResult } {
  const passed = result.problems.length === 0
  const reason = reasonFor(result.name)
  if (reason === undefined) return { kind: passed ? 'passed' : 'failed', result }
  if (!passed) return { kind: 'set-aside', result }
  return { kind: 'failed', result: { name: result.name, problems: [`passes, and is set aside because ${reason}`] } }
}

if (import.meta.main) await main(process.argv.includes('--json'))

async function main(json: boolean): Promise<void> {
  const results = await runSuites()
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const total = results.reduce((sum, result) => sum + result.total, 0)
  if (json) console.log(JSON.stringify({ passed, total, suites: results }))
  else {
    for (const result of results) {
      console.log(`${result.suite}: ${result.passed}/${result.total}${aside(result)}`)
      for (const { name, problems } of result.failed)
        for (const problem of problems) console.log(`  ${name}: ${problem}`)
    }
    console.log(`vectors: ${passed}/${total} passed`)
  }
  if (passed < total) process.exitCode = 1
}

function aside(result: SuiteResult): string {
  return result.setAside === 0 ? '' : ` (${result.setAside} set aside, see tests/vectors/set-aside.ts)`
}
