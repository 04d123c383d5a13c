/** The one writer and reader of a trace database. `synchronous=NORMAL`: the last second may be lost, the file stays whole. */
import { fileURLToPath } from 'node:url'
import { Database, migrate } from '../sqlite.ts'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import type { ThreadCall } from '../thread.ts'
import { maxFollowedDeliveries, sweepRows } from './limits.ts'
import type { EventRow, FindInput, SweepInput, Swept } from './rows.ts'

const columns = `at, kind, session, delivery, message_id AS messageId, sender AS "from", recipient AS "to", client,
  size_bytes AS sizeBytes, reply, detail`
const insert = `INSERT INTO event (at, kind, session, delivery, message_id, sender, recipient, client, size_bytes, reply, detail)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
// One arm an index. A Message-ID also finds the steps of its deliveries that do not know it.
const find = `SELECT ${columns} FROM event WHERE number IN (
    SELECT number FROM event WHERE delivery = ?1 AND at >= ?2
    UNION SELECT number FROM event WHERE message_id = ?1 AND at >= ?2
    UNION SELECT number FROM event WHERE sender = ?1 AND at >= ?2
    UNION SELECT number FROM event WHERE recipient = ?1 AND at >= ?2
    UNION SELECT number FROM event WHERE at >= ?2 AND delivery IN
      (SELECT DISTINCT delivery FROM event WHERE message_id = ?1 AND delivery IS NOT NULL LIMIT ${maxFollowedDeliveries})
  ) ORDER BY at DESC, number DESC LIMIT ?3`
const newest = `SELECT ${columns} FROM event ORDER BY number DESC LIMIT ?`
const deleteExpired = `DELETE FROM event WHERE number IN (SELECT number FROM event WHERE at < ? ORDER BY at LIMIT ${sweepRows})`
const deleteSurplus = `DELETE FROM event WHERE number IN
  (SELECT number FROM event WHERE number <= (SELECT max(number) FROM event) - ? ORDER BY number LIMIT ${sweepRows})`

const { file } = threadData as { readonly file: string }
const database = new Database(file, { durability: 'NORMAL', busyTimeoutMs: 1000, cacheKiB: 2048 })
migrate(database, fileURLToPath(new URL('./migrations', import.meta.url)))

function operate({ operation, input }: ThreadCall): unknown {
  switch (operation) {
    case 'record':
      return insertAll(input as readonly EventRow[])
    case 'find':
      return findEvents(input as FindInput)
    case 'recent':
      return database
        .prepare(newest)
        .all((input as { limit: number }).limit)
        .map(row => ({ ...row }))
    case 'sweep':
      return sweep(input as SweepInput)
    default:
      throw new Error(`Unknown operation ${operation}`)
  }
}

function insertAll(rows: readonly EventRow[]): number {
  const statement = database.prepare(insert)
  database.write(() => {
    for (const { at, kind, session, delivery, messageId, from, to, client, sizeBytes, reply, detail } of rows)
      statement.run(at, kind, session, delivery, messageId, from, to, client, sizeBytes, reply, detail)
  })
  return rows.length
}

/** The newest `limit`, oldest first. */
function findEvents({ about, since, limit }: FindInput): readonly EventRow[] {
  const rows = database.prepare(find).all(about, since, limit) as Record<string, unknown>[]
  return rows.toReversed().map(row => ({ ...row }) as unknown as EventRow)
}

function sweep({ before, maxEvents }: SweepInput): Swept {
  return database.write(() => ({
    expired: Number(database.prepare(deleteExpired).run(before).changes),
    surplus: Number(database.prepare(deleteSurplus).run(maxEvents).changes),
  }))
}

function runBatch(batch: Batch): void {
  for (const call of batch.calls)
    try {
      batch.answer(call, operate(call))
    } catch (error) {
      batch.refuse(call, String(error), 'UNAVAILABLE')
    }
}

serveThread(runBatch, () => database.close())
