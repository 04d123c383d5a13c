import type { Database } from '../../sqlite.ts'

const select = `SELECT thread FROM reference WHERE key = ?`
const insert = `INSERT INTO reference (key, thread) VALUES (?, ?) ON CONFLICT DO NOTHING`
const remove = `DELETE FROM reference WHERE key = ? AND thread = ?`

export function readThreadOf(database: Database, key: number): number | undefined {
  return (database.prepare(select).get(key) as { thread: number } | undefined)?.thread
}

export function insertReference(database: Database, key: number, thread: number): void {
  database.prepare(insert).run(key, thread)
}

export function deleteReference(database: Database, key: number, thread: number): void {
  database.prepare(remove).run(key, thread)
}
