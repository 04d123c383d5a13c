import type { Database } from '../../sqlite.ts'

const selectAll = `SELECT name FROM subscription ORDER BY name`
const selectOne = `SELECT 1 AS found FROM subscription WHERE name = ?`
const insert = `INSERT INTO subscription (name) VALUES (?) ON CONFLICT DO NOTHING`
const remove = `DELETE FROM subscription WHERE name = ?`

export function readSubscriptions(database: Database): readonly string[] {
  return (database.prepare(selectAll).all() as { name: string }[]).map(row => row.name)
}

export function isSubscribed(database: Database, name: string): boolean {
  return database.prepare(selectOne).get(name) !== undefined
}

export function setSubscription(database: Database, name: string, on: boolean): void {
  database.prepare(on ? insert : remove).run(name)
}
