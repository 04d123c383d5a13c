import type { Database } from '../../sqlite.ts'

const insert = `INSERT INTO body (email, bytes) VALUES (?, ?)`
const select = `SELECT bytes FROM body WHERE email = ?`
const remove = `DELETE FROM body WHERE email = ?`

export function insertBody(database: Database, email: number, bytes: Uint8Array): void {
  database.prepare(insert).run(email, bytes)
}

export function readBody(database: Database, email: number): Uint8Array | undefined {
  return (database.prepare(select).get(email) as { bytes: Uint8Array } | undefined)?.bytes
}

export function deleteBody(database: Database, email: number): void {
  database.prepare(remove).run(email)
}
