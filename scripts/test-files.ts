// Test files, each in a process of its own, some of them side by side.
import { run } from 'node:test'

export type Outcome = {
  readonly file: string
  readonly passed: number
  readonly failed: number
  /** What was skipped, and why */
  readonly skipped: readonly string[]
  /** What failed, in words for whoever reads the log */
  readonly failures: readonly string[]
  readonly seconds: number
}

/** So many files at a time; or one for each of these promises, from when it has resolved */
export type Lanes = number | readonly Promise<unknown>[]

const limitMs = 10 * 60_000
/** Characters of what a process that broke down wrote last */
const maxSaid = 4_000

/** Begun in the order given, told in that in which they end; `tell` hears of each at once. */
export async function runFiles(
  files: readonly string[],
  lanes: Lanes,
  tell: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const waiting = [...files]
  const outcomes: Outcome[] = []
  async function drain(begins: Promise<unknown>): Promise<void> {
    await begins
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const outcome = await runFile(file)
      outcomes.push(outcome)
      tell(outcome)
    }
  }
  const all = typeof lanes === 'number' ? Array.from({ length: lanes }, () => Promise.resolve()) : lanes
  await Promise.all(all.map(drain))
  return outcomes
}

async function runFile(file: string): Promise<Outcome> {
  const begun = performance.now()
  let passed = 0
  const skipped: string[] = []
  const failures: string[] = []
  let said = ''
  // a file that cannot be read, or that ends by itself, is a failed test by its own name
  for await (const { type, data } of run({ files: [file], timeout: limitMs })) {
    if (type === 'test:stderr') said = (said + data.message).slice(-maxSaid)
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (data.skip !== undefined || data.todo !== undefined)
      skipped.push(`${data.name} (${String(data.skip ?? data.todo)})`)
    else if (type === 'test:pass') passed++
    else if (data.name === data.file) failures.push(`${file}: ended by itself\n${said}`)
    else failures.push(`${file}: ${data.name}\n${reasonOf(data.details.error.cause)}`)
  }
  const seconds = (performance.now() - begun) / 1000
  // nothing at all is no success
  if (passed + skipped.length + failures.length === 0) failures.push(`${file}: no test ran`)
  return { file, passed, failed: failures.length, skipped, failures, seconds }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
