/** The one writer and reader of the senders' database. */
import { fileURLToPath } from 'node:url'
import { Database, migrate } from '../sqlite.ts'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import type { ThreadCall } from '../thread.ts'
import { maxAttempts, maxKnown, sweepRows } from './limits.ts'
import type { AttemptAnswer, AttemptInput, KnownInput, LearnInput, SweepInput } from './operations.ts'
import type { SendersStoreOptions } from './senders-store.ts'

type AttemptRow = { readonly firstAt: number; readonly lastAt: number; readonly passedAt: number | null }

const findAttempt = 'SELECT first_at AS firstAt, last_at AS lastAt, passed_at AS passedAt FROM attempt WHERE key = ?'
const putAttempt = 'INSERT OR REPLACE INTO attempt (key, first_at, last_at, passed_at) VALUES (?, ?, ?, ?)'
const findKnown = 'SELECT deliveries FROM known WHERE key = ? AND last_at >= ?'
const putKnown = `INSERT INTO known (key, last_at, deliveries) VALUES (?1, ?2, ?3)
  ON CONFLICT (key) DO UPDATE SET last_at = ?2, deliveries = deliveries + ?3`
const sweeps = {
  attempts: `DELETE FROM attempt WHERE key IN
    (SELECT key FROM attempt WHERE last_at < ? AND passed_at IS NULL ORDER BY last_at LIMIT ${sweepRows})`,
  passed: `DELETE FROM attempt WHERE key IN (SELECT key FROM attempt WHERE last_at < ? ORDER BY last_at LIMIT ${sweepRows})`,
  known: `DELETE FROM known WHERE key IN (SELECT key FROM known WHERE last_at < ? ORDER BY last_at LIMIT ${sweepRows})`,
  surplusAttempts: 'DELETE FROM attempt WHERE key IN (SELECT key FROM attempt ORDER BY last_at LIMIT ?)',
  surplusKnown: 'DELETE FROM known WHERE key IN (SELECT key FROM known ORDER BY last_at LIMIT ?)',
}

const options = threadData as SendersStoreOptions
const bounds = { attempts: options.maxAttempts ?? maxAttempts, known: options.maxKnown ?? maxKnown }
const database = new Database(options.file, {
  durability: 'NORMAL',
  busyTimeoutMs: 1000,
  cacheKiB: 2048,
  pageSizeBytes: 4096,
})
migrate(database, fileURLToPath(new URL('./migrations', import.meta.url)))
const sizes = { attempts: countOf('attempt'), known: countOf('known') }

function countOf(table: 'attempt' | 'known'): number {
  const sql = table === 'attempt' ? 'SELECT count(*) AS rows FROM attempt' : 'SELECT count(*) AS rows FROM known'
  return Number((database.prepare(sql).get() as { rows: number }).rows)
}

function operate({ operation, input }: ThreadCall): unknown {
  switch (operation) {
    case 'attempt':
      return attempt(input as AttemptInput)
    case 'known':
      return known(input as KnownInput)
    case 'learn':
      return learn(input as LearnInput)
    case 'sweep':
      return sweep(input as SweepInput)
    default:
      throw new Error(`Unknown operation ${operation}`)
  }
}

function attempt({ key, now, delayMs, windowMs, keptMs }: AttemptInput): AttemptAnswer {
  const row = database.prepare(findAttempt).get(key) as AttemptRow | undefined
  const put = (firstAt: number, passedAt: number | null) =>
    void database.prepare(putAttempt).run(key, firstAt, now, passedAt)
  const begin = (): AttemptAnswer => {
    if (!row) sizes.attempts++
    put(now, null)
    return { kind: 'wait', waitMs: delayMs }
  }
  // A clock that was set back begins anew
  if (!row || row.firstAt > now) return begin()
  if (row.passedAt !== null) {
    if (now - row.lastAt > keptMs) return begin()
    put(row.firstAt, row.passedAt)
    return { kind: 'passed', now: false }
  }
  const waitedMs = now - row.firstAt
  if (waitedMs > windowMs) return begin()
  if (waitedMs < delayMs) {
    put(row.firstAt, null)
    return { kind: 'wait', waitMs: delayMs - waitedMs }
  }
  put(row.firstAt, now)
  return { kind: 'passed', now: true }
}

function known({ keys, since }: KnownInput): readonly number[] {
  return keys.map(key => {
    const row = database.prepare(findKnown).get(key, since) as { deliveries: number } | undefined
    return row?.deliveries ?? 0
  })
}

function learn({ keys, now, times }: LearnInput): undefined {
  for (const [at, key] of keys.entries()) {
    if (!database.prepare(findKnown).get(key, 0)) sizes.known++
    database.prepare(putKnown).run(key, now, times?.[at] ?? 1)
  }
  return undefined
}

function sweep({ attemptsBefore, passedBefore, knownBefore }: SweepInput) {
  const attempts = removed(sweeps.attempts, attemptsBefore) + removed(sweeps.passed, passedBefore)
  sizes.attempts -= attempts
  const forgotten = removed(sweeps.known, knownBefore)
  sizes.known -= forgotten
  return { ...sizes, removed: attempts + forgotten + removeSurplus() }
}

/** Also in between: strangers fill the table, not the clock. */
function removeSurplus(): number {
  const attempts = Math.min(sweepRows, sizes.attempts - bounds.attempts)
  const strangers = attempts > 0 ? removed(sweeps.surplusAttempts, attempts) : 0
  sizes.attempts -= strangers
  const friends = Math.min(sweepRows, sizes.known - bounds.known)
  const forgotten = friends > 0 ? removed(sweeps.surplusKnown, friends) : 0
  sizes.known -= forgotten
  return strangers + forgotten
}

function removed(sql: string, argument: number): number {
  return Number(database.prepare(sql).run(argument).changes)
}

/** One transaction for all that has arrived; one that fails undoes its own changes only. */
function runBatch(batch: Batch): void {
  const answers: (readonly [ThreadCall, () => void])[] = []
  try {
    database.write(() => {
      for (const call of batch.calls)
        try {
          const output = database.savepoint(() => operate(call))
          answers.push([call, () => batch.answer(call, output)])
        } catch (error) {
          answers.push([call, () => batch.refuse(call, String(error), 'UNAVAILABLE')])
        }
      removeSurplus()
    })
    for (const [, say] of answers) say()
  } catch (error) {
    database.rollBack()
    Object.assign(sizes, { attempts: countOf('attempt'), known: countOf('known') })
    for (const call of batch.calls) batch.refuse(call, String(error), 'UNAVAILABLE')
  }
}

serveThread(runBatch, () => database.close())
