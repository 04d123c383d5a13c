/** Small objects of JMAP by kind, and which are no more. */
import type { Database } from '../../sqlite.ts'

export type ObjectRow = {
  readonly id: string
  readonly createdModSeq: number
  readonly modSeq: number
  readonly value: string
}

const columns = 'id, created_mod_seq AS createdModSeq, mod_seq AS modSeq, value'
const selectAll = `SELECT ${columns} FROM jmap_object WHERE kind = ? ORDER BY created_mod_seq, id`
const selectOne = `SELECT ${columns} FROM jmap_object WHERE kind = ? AND id = ?`
const upsert = `INSERT INTO jmap_object (kind, id, created_mod_seq, mod_seq, value) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (kind, id) DO UPDATE SET mod_seq = excluded.mod_seq, value = excluded.value`
const remove = `DELETE FROM jmap_object WHERE kind = ? AND id = ?`
const insertGone = `INSERT OR REPLACE INTO jmap_object_gone (kind, id, mod_seq) VALUES (?, ?, ?)`
const deleteGone = `DELETE FROM jmap_object_gone WHERE kind = ? AND id = ?`
const selectGone = `SELECT id, mod_seq AS modSeq FROM jmap_object_gone WHERE kind = ? AND mod_seq > ?`
const pruneGone = `DELETE FROM jmap_object_gone WHERE mod_seq <= ?`

/** The oldest first */
export function readObjects(database: Database, kind: string): readonly ObjectRow[] {
  return database.prepare(selectAll).all(kind) as ObjectRow[]
}

export function readObject(database: Database, kind: string, id: string): ObjectRow | undefined {
  return database.prepare(selectOne).get(kind, id) as ObjectRow | undefined
}

/** One that is there keeps the modseq of its creation. */
export function putObject(database: Database, kind: string, id: string, modSeq: number, value: string): void {
  database.prepare(deleteGone).run(kind, id)
  database.prepare(upsert).run(kind, id, modSeq, modSeq, value)
}

export function removeObject(database: Database, kind: string, id: string, modSeq: number): void {
  database.prepare(remove).run(kind, id)
  database.prepare(insertGone).run(kind, id, modSeq)
}

export function readObjectsGone(
  database: Database,
  kind: string,
  since: number,
): readonly { readonly id: string; readonly modSeq: number }[] {
  return database.prepare(selectGone).all(kind, since) as { id: string; modSeq: number }[]
}

/** Those up to this modseq. */
export function pruneObjectsGone(database: Database, modSeq: number): void {
  database.prepare(pruneGone).run(modSeq)
}
