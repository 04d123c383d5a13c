import type { Database } from '../../sqlite.ts'

export type ScriptRow = {
  readonly name: string
  readonly sizeBytes: number
  readonly active: 0 | 1
  readonly changed: number
}

/** `id`: the row's own number, for life; drawn by lot, so that no later script gets it again */
export type WholeScriptRow = ScriptRow & { readonly id: number; readonly bytes: Uint8Array }

const selectWhole = `SELECT rowid AS id, name, bytes, length(bytes) AS sizeBytes, active, changed FROM script ORDER BY name`
const selectAll = `SELECT name, length(bytes) AS sizeBytes, active, changed FROM script ORDER BY name`
const selectOne = `SELECT bytes FROM script WHERE name = ?`
const selectActive = `SELECT name, bytes FROM script WHERE active = 1`
const upsert = `INSERT INTO script (rowid, name, bytes, active, changed) VALUES (abs(random() >> 12) + 1, ?, ?, 0, ?)
  ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes, changed = excluded.changed`
const updateName = `UPDATE script SET name = ? WHERE name = ?`
const remove = `DELETE FROM script WHERE name = ?`
const clearActive = `UPDATE script SET active = 0 WHERE active = 1`
const setActive = `UPDATE script SET active = 1 WHERE name = ?`

export function readScripts(database: Database): readonly ScriptRow[] {
  return database.prepare(selectAll).all() as ScriptRow[]
}

export function readWholeScripts(database: Database): readonly WholeScriptRow[] {
  return database.prepare(selectWhole).all() as WholeScriptRow[]
}

export function readScript(database: Database, name: string): Uint8Array | undefined {
  return (database.prepare(selectOne).get(name) as { bytes: Uint8Array } | undefined)?.bytes
}

export function readActiveScript(database: Database): { name: string; bytes: Uint8Array } | undefined {
  return database.prepare(selectActive).get() as { name: string; bytes: Uint8Array } | undefined
}

/** A new one is not active; one that is there stays as it is but for its content. */
export function putScriptRow(database: Database, name: string, bytes: Uint8Array, changedMs: number): void {
  database.prepare(upsert).run(name, bytes, changedMs)
}

export function renameScriptRow(database: Database, name: string, to: string): void {
  database.prepare(updateName).run(to, name)
}

export function deleteScriptRow(database: Database, name: string): void {
  database.prepare(remove).run(name)
}

/** Undefined: none */
export function setActiveScript(database: Database, name: string | undefined): void {
  database.prepare(clearActive).run()
  if (name !== undefined) database.prepare(setActive).run(name)
}
