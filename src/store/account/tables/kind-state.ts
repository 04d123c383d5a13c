/** When small objects of a kind last changed, and what stands elsewhere that belongs to them. */
import type { Database } from '../../sqlite.ts'

export type KindState = {
  readonly kind: string
  readonly modSeq: number
  /** Of what stands elsewhere, as it was when it was last looked at; empty: never */
  readonly mark: string
  readonly markModSeq: number
}

const columns = `kind, mod_seq AS modSeq, mark, mark_mod_seq AS markModSeq`
const selectOne = `SELECT ${columns} FROM kind_state WHERE kind = ?`
const selectAll = `SELECT ${columns} FROM kind_state`
const upsert = `INSERT INTO kind_state (kind, mod_seq, mark, mark_mod_seq) VALUES (?, ?, '', 0)
  ON CONFLICT (kind) DO UPDATE SET mod_seq = excluded.mod_seq`
const replace = `INSERT OR REPLACE INTO kind_state (kind, mod_seq, mark, mark_mod_seq) VALUES (?, ?, ?, ?)`

/** Of a kind of which there has never been anything all are 0. */
export function readKindState(database: Database, kind: string): KindState {
  const row = database.prepare(selectOne).get(kind) as KindState | undefined
  return row ?? { kind, modSeq: 0, mark: '', markModSeq: 0 }
}

export function readKindStates(database: Database): readonly KindState[] {
  return database.prepare(selectAll).all() as KindState[]
}

export function noteKindChange(database: Database, kind: string, modSeq: number): void {
  database.prepare(upsert).run(kind, modSeq)
}

export function noteMark(database: Database, { kind, modSeq, mark, markModSeq }: KindState): void {
  database.prepare(replace).run(kind, modSeq, mark, markModSeq)
}
