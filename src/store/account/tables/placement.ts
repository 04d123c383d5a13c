import type { Database } from '../../sqlite.ts'

export type PlacementRow = {
  readonly mailbox: number
  readonly uid: number
  readonly email: number
  readonly flags: number
  readonly modSeq: number
  readonly createdModSeq: number
  readonly saved: number
  readonly sizeBytes: number
}

const columns = `mailbox, uid, email, flags, mod_seq AS modSeq, created_mod_seq AS createdModSeq, saved,
  size_bytes AS sizeBytes`
const insert = `INSERT INTO placement (mailbox, uid, email, flags, mod_seq, created_mod_seq, saved, size_bytes)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
const selectOne = `SELECT ${columns} FROM placement WHERE mailbox = ? AND uid = ?`
const selectSaved = `SELECT saved FROM placement WHERE mailbox = ? AND uid = ?`
const selectOfEmail = `SELECT ${columns} FROM placement WHERE email = ?`
const selectColumns = `SELECT uid, flags, mod_seq, email FROM placement WHERE mailbox = ? ORDER BY uid`
const sumDeleted = `SELECT count(*) AS rows, max(uid) AS last, coalesce(sum(CASE WHEN flags & 16 THEN size_bytes END), 0) AS sizeBytes
  FROM (SELECT uid, flags, size_bytes FROM placement WHERE mailbox = ? AND uid > ? ORDER BY uid LIMIT ?)`
const updateFlags = `UPDATE placement SET flags = ?, mod_seq = ? WHERE mailbox = ? AND uid = ?`
const remove = `DELETE FROM placement WHERE mailbox = ? AND uid = ?`

export function insertPlacement(database: Database, row: PlacementRow): void {
  database
    .prepare(insert)
    .run(row.mailbox, row.uid, row.email, row.flags, row.modSeq, row.createdModSeq, row.saved, row.sizeBytes)
}

export function readPlacement(database: Database, mailbox: number, uid: number): PlacementRow | undefined {
  return database.prepare(selectOne).get(mailbox, uid) as PlacementRow | undefined
}

export function readSaved(database: Database, mailbox: number, uid: number): number | undefined {
  return (database.prepare(selectSaved).get(mailbox, uid) as { saved: number } | undefined)?.saved
}

export function readPlacementsOf(database: Database, email: number): readonly PlacementRow[] {
  return database.prepare(selectOfEmail).all(email) as PlacementRow[]
}

/** Sizes of those marked \Deleted among the next `limit` after `after`; `last` is undefined at the end. */
export function readDeletedSizes(
  database: Database,
  mailbox: number,
  after: number,
  limit: number,
): { readonly sizeBytes: number; readonly last: number | undefined } {
  const { rows, last, sizeBytes } = database.prepare(sumDeleted).get(mailbox, after, limit) as {
    rows: number
    last: number | null
    sizeBytes: number
  }
  return { sizeBytes, last: rows < limit ? undefined : (last ?? undefined) }
}

/** `[uid, flags, modSeq, email]` of every placement, ascending. */
export function readColumns(database: Database, mailbox: number): readonly (readonly number[])[] {
  const statement = database.prepare(selectColumns)
  statement.setReturnArrays(true)
  return statement.all(mailbox) as unknown as number[][]
}

export function updatePlacementFlags(
  database: Database,
  mailbox: number,
  uid: number,
  flags: number,
  modSeq: number,
): void {
  database.prepare(updateFlags).run(flags, modSeq, mailbox, uid)
}

export function deletePlacement(database: Database, mailbox: number, uid: number): void {
  database.prepare(remove).run(mailbox, uid)
}
