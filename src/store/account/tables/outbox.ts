import type { Database } from '../../sqlite.ts'

export type KeptOutboxItem = {
  readonly id: string
  readonly kind: string
  readonly envelope: string
  readonly message: Uint8Array
}

const insert = `INSERT INTO outbox (id, kind, envelope, message, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
const selectOldest = `SELECT id, kind, envelope, message FROM outbox ORDER BY number LIMIT ?`
const selectAny = `SELECT 1 AS found FROM outbox LIMIT 1`
const remove = `DELETE FROM outbox WHERE id = ?`

/** An id that is already there stays as it was: ids are made from the delivery. */
export function insertOutboxItem(database: Database, item: KeptOutboxItem, nowMs: number): void {
  database.prepare(insert).run(item.id, item.kind, item.envelope, item.message, nowMs)
}

export function readOutbox(database: Database, limit: number): readonly KeptOutboxItem[] {
  return database.prepare(selectOldest).all(limit) as KeptOutboxItem[]
}

export function hasOutbox(database: Database): boolean {
  return database.prepare(selectAny).get() !== undefined
}

export function deleteOutboxItem(database: Database, id: string): void {
  database.prepare(remove).run(id)
}
