import type { Database } from '../../sqlite.ts'

export type KeptOutboxItem = {
  readonly id: string
  readonly kind: string
  readonly envelope: string
  /** Empty when it is a file under messages/ */
  readonly message: Uint8Array
  readonly file?: string | null
  /** Left out when an earlier delivery has remembered this key */
  readonly once?: string
}

const insert = `INSERT INTO outbox (id, kind, envelope, message, file, created) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
const selectOldest = `SELECT id, kind, envelope, message, file, created FROM outbox ORDER BY number LIMIT ?`
const selectFile = `SELECT file FROM outbox WHERE id = ?`
const selectFiles = `SELECT file FROM outbox WHERE file IS NOT NULL`
const selectAny = `SELECT 1 AS found FROM outbox LIMIT 1`
const remove = `DELETE FROM outbox WHERE id = ?`

/** An id that is already there stays as it was: ids are made from the delivery. */
export function insertOutboxItem(database: Database, item: KeptOutboxItem, nowMs: number): void {
  database.prepare(insert).run(item.id, item.kind, item.envelope, item.message, item.file ?? null, nowMs)
}

export type WaitingOutboxItem = Omit<KeptOutboxItem, 'once'> & {
  readonly file: string | null
  readonly created: number
}

export function readOutbox(database: Database, limit: number): readonly WaitingOutboxItem[] {
  return database.prepare(selectOldest).all(limit) as WaitingOutboxItem[]
}

export function readOutboxFiles(database: Database): readonly string[] {
  return (database.prepare(selectFiles).all() as { file: string }[]).map(row => row.file)
}

export function hasOutbox(database: Database): boolean {
  return database.prepare(selectAny).get() !== undefined
}

/** The name of its file, when it has one: nobody needs it any more. */
export function deleteOutboxItem(database: Database, id: string): string | undefined {
  const row = database.prepare(selectFile).get(id) as { file: string | null } | undefined
  database.prepare(remove).run(id)
  return row?.file ?? undefined
}
