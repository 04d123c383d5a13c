import type { Database } from '../../sqlite.ts'

const selectAll = `SELECT name FROM keyword ORDER BY position`
const insert = `INSERT INTO keyword (position, name) VALUES (?, ?)`

export function readKeywords(database: Database): string[] {
  return (database.prepare(selectAll).all() as { name: string }[]).map(row => row.name)
}

export function insertKeyword(database: Database, position: number, name: string): void {
  database.prepare(insert).run(position, name)
}
