/** The one writer and reader of what was relayed. */
import { fileURLToPath } from 'node:url'
import { Database, migrate } from '../sqlite.ts'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import type { ThreadCall } from '../thread.ts'
import type { FindInput, KeepInput, RelayedStoreOptions } from './relayed-store.ts'

/** About 300 octets a row with its index: 60 MB when full. The oldest go first. */
const mostRows = 200_000
/** Removed with each write: more than one writes, so that it ends */
const sweepRows = 100

const findResult = 'SELECT result FROM relayed WHERE key = ?'
const putResult = 'INSERT OR REPLACE INTO relayed (key, at, result) VALUES (?, ?, ?)'
const countRows = 'SELECT count(*) AS rows FROM relayed'
const removeOld = `DELETE FROM relayed WHERE key IN (SELECT key FROM relayed WHERE at < ? ORDER BY at LIMIT ${sweepRows})`
const removeOldest = 'DELETE FROM relayed WHERE key IN (SELECT key FROM relayed ORDER BY at LIMIT ?)'

const options = threadData as RelayedStoreOptions
const most = options.maxRows ?? mostRows
const database = new Database(options.file, { durability: 'FULL', busyTimeoutMs: 1000, pageSizeBytes: 4096 })
migrate(database, fileURLToPath(new URL('./migrations', import.meta.url)))
let size = countOf()

function countOf(): number {
  return Number((database.prepare(countRows).get() as { rows: number }).rows)
}

function find({ keys }: FindInput): readonly (string | undefined)[] {
  return keys.map(key => (database.prepare(findResult).get(key) as { result: string } | undefined)?.result)
}

function keep({ rows, at, before }: KeepInput): undefined {
  for (const { key, result } of rows) {
    if (!database.prepare(findResult).get(key)) size++
    database.prepare(putResult).run(key, at, result)
  }
  size -= Number(database.prepare(removeOld).run(before).changes)
  if (size > most) size -= Number(database.prepare(removeOldest).run(size - most).changes)
  return undefined
}

function operate({ operation, input }: ThreadCall): unknown {
  if (operation === 'find') return find(input as FindInput)
  if (operation === 'keep') return keep(input as KeepInput)
  throw new Error(`Unknown operation ${operation}`)
}

/** All that has arrived shares one commit; when it fails, all are refused. */
function runBatch(batch: Batch): void {
  try {
    const outputs = database.write(() => batch.calls.map(operate))
    for (const [at, call] of batch.calls.entries()) batch.answer(call, outputs[at])
  } catch (error) {
    database.rollBack()
    size = countOf()
    for (const call of batch.calls) batch.refuse(call, String(error), 'UNAVAILABLE')
  }
}

serveThread(runBatch, () => database.close())
