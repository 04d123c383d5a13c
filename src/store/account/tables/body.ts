import type { Database } from '../../sqlite.ts'

const insert = `INSERT INTO body (email, bytes) VALUES (?, ?)`
const select = `SELECT bytes FROM body WHERE email = ?`
const selectRange = `SELECT email, bytes FROM body WHERE email BETWEEN ? AND ?`
const remove = `DELETE FROM body WHERE email = ?`

export function insertBody(database: Database, email: number, bytes: Uint8Array): void {
  database.prepare(insert).run(email, bytes)
}

export function readBody(database: Database, email: number): Uint8Array | undefined {
  return (database.prepare(select).get(email) as { bytes: Uint8Array } | undefined)?.bytes
}

/** From the email `first` to `last`, as far as they are here. */
export function readBodies(database: Database, first: number, last: number): ReadonlyMap<number, Uint8Array> {
  const rows = database.prepare(selectRange).all(first, last) as { email: number; bytes: Uint8Array }[]
  return new Map(rows.map(({ email, bytes }) => [email, bytes]))
}

export function deleteBody(database: Database, email: number): void {
  database.prepare(remove).run(email)
}
