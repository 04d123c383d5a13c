/** The one writer and reader of refused.db. A row is there before anybody hears that the message is kept (synchronous=FULL). */
import { fileURLToPath } from 'node:url'
import { Database, migrate } from '../sqlite.ts'
import { serveEach } from '../serve-each.ts'
import type { ThreadCall } from '../thread.ts'
import { threadData } from '../thread-port.ts'
import type { NewRefused, RefusedOperations, RefusedRow, Removed } from './rows.ts'

const columns = `number, id, account, recipient, delivery_id AS deliveryId, reverse_path AS reversePath, sender, subject,
  received_hash AS receivedHash, trace_bytes AS traceBytes, size_bytes AS sizeBytes, content, reply, refused_at AS refusedAt,
  times, delivered_at AS deliveredAt`
const selectSame = `SELECT id FROM refused WHERE account = ? AND recipient = ? AND received_hash = ?`
const countAgain = `UPDATE refused SET times = times + 1, refused_at = max(refused_at, ?) WHERE id = ?`
const insert = `INSERT INTO refused (id, account, recipient, delivery_id, reverse_path, sender, subject, received_hash,
  trace_bytes, size_bytes, content, reply, refused_at, times) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`
const selectNewest = `SELECT ${columns} FROM refused ORDER BY refused_at DESC, number DESC LIMIT ?`
const selectOne = `SELECT ${columns} FROM refused WHERE id = ?`
const setDelivered = `UPDATE refused SET delivered_at = ? WHERE id = ?`
const remove = `DELETE FROM refused WHERE id = ?`
const removeOld = `DELETE FROM refused WHERE refused_at < ? RETURNING id`
const sumBytes = `SELECT coalesce(sum(size_bytes), 0) AS bytes FROM refused WHERE delivered_at IS NULL`
const removeOldest = `DELETE FROM refused WHERE number =
  (SELECT number FROM refused WHERE delivered_at IS NULL ORDER BY refused_at, number LIMIT 1) RETURNING id, size_bytes AS sizeBytes`
const selectIds = `SELECT id FROM refused WHERE delivered_at IS NULL`

const { path } = threadData as { readonly path: string }
const database = new Database(path, { durability: 'FULL', busyTimeoutMs: 1000 })
migrate(database, fileURLToPath(new URL('./migrations', import.meta.url)))

serveEach(operate, () => database.close())

function operate({ operation, input }: ThreadCall): unknown {
  switch (operation as keyof RefusedOperations) {
    case 'add':
      return database.write(() => add(input as NewRefused))
    case 'list':
      return database
        .prepare(selectNewest)
        .all((input as { limit: number }).limit)
        .map(asRow)
    case 'show': {
      const row = database.prepare(selectOne).get((input as { id: string }).id)
      return row && asRow(row)
    }
    case 'delivered': {
      const { id, at } = input as RefusedOperations['delivered']['input']
      database.prepare(setDelivered).run(at, id)
      return {}
    }
    case 'drop':
      return { dropped: database.prepare(remove).run((input as { id: string }).id).changes > 0 }
    case 'sweep':
      return database.write(() => sweep(input as RefusedOperations['sweep']['input']))
    case 'ids':
      return (database.prepare(selectIds).all() as { id: string }[]).map(({ id }) => id)
  }
}

function add(row: NewRefused): RefusedOperations['add']['output'] {
  const same = database.prepare(selectSame).get(row.account, row.recipient, row.receivedHash) as
    | { id: string }
    | undefined
  if (same) {
    database.prepare(countAgain).run(row.refusedAt, same.id)
    return { id: same.id, known: true }
  }
  const { id, account, recipient, deliveryId, reversePath, sender, subject, receivedHash } = row
  const { traceBytes, sizeBytes, content, reply, refusedAt } = row
  database
    .prepare(insert)
    .run(
      id,
      account,
      recipient,
      deliveryId,
      reversePath,
      sender,
      subject,
      receivedHash,
      traceBytes,
      sizeBytes,
      content,
      reply,
      refusedAt,
    )
  return { id, known: false }
}

function sweep({ before, maxBytes }: RefusedOperations['sweep']['input']): Removed {
  const removed = (database.prepare(removeOld).all(before) as { id: string }[]).map(({ id }) => id)
  let { bytes } = database.prepare(sumBytes).get() as { bytes: number }
  while (bytes > maxBytes) {
    const row = database.prepare(removeOldest).get() as { id: string; sizeBytes: number } | undefined
    if (!row) break
    removed.push(row.id)
    bytes -= row.sizeBytes
  }
  return { removed }
}

function asRow(row: object): RefusedRow {
  return { ...row } as RefusedRow
}
