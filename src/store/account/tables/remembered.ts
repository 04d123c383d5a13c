import type { Database } from '../../sqlite.ts'

const selectOne = `SELECT 1 AS found FROM remembered WHERE key = ? AND until > ?`
const upsert = `INSERT INTO remembered (key, until) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET until = max(until, excluded.until)`
const prune = `DELETE FROM remembered WHERE key IN (SELECT key FROM remembered WHERE until <= ? ORDER BY until LIMIT ?)`
const count = `SELECT count(*) AS rows FROM remembered`
const pruneOldest = `DELETE FROM remembered WHERE key IN (SELECT key FROM remembered ORDER BY until LIMIT ?)`

/** Written before, and not to be forgotten yet. */
export function isRemembered(database: Database, key: string, nowMs: number): boolean {
  return database.prepare(selectOne).get(key, nowMs) !== undefined
}

/** A key that is there already gets the later time. */
export function remember(database: Database, key: string, untilMs: number): void {
  database.prepare(upsert).run(key, untilMs)
}

/** What is over goes, and beyond `kept` rows what would be forgotten soonest; at most `limit` rows of each. */
export function pruneRemembered(database: Database, kept: number, limit: number, nowMs: number): void {
  database.prepare(prune).run(nowMs, limit)
  const { rows } = database.prepare(count).get() as { rows: number }
  if (rows > kept) database.prepare(pruneOldest).run(Math.min(limit, rows - kept))
}
