import type { Database } from '../../sqlite.ts'

const insert = `INSERT INTO tombstone (mailbox, mod_seq, uid, email, last, removed, hidden_mod_seq)
  VALUES (?, ?, ?, ?, ?, ?, ?)`
const selectSince = `SELECT uid FROM tombstone WHERE mailbox = ? AND mod_seq > ? ORDER BY uid`
const selectOldest = `SELECT mailbox, mod_seq AS modSeq, uid, removed FROM tombstone ORDER BY mod_seq LIMIT ?`
const countAll = `SELECT count(*) AS count FROM tombstone`
const remove = `DELETE FROM tombstone WHERE mailbox = ? AND mod_seq = ? AND uid = ?`

export type Tombstone = {
  readonly mailbox: number
  readonly modSeq: number
  readonly uid: number
  readonly email: number
  /** The email went with this placement */
  readonly last: boolean
  readonly removed: number
  /** When it last changed, of one that was marked \Deleted */
  readonly hiddenModSeq: number | undefined
}

export function insertTombstone(database: Database, row: Tombstone): void {
  database
    .prepare(insert)
    .run(row.mailbox, row.modSeq, row.uid, row.email, row.last ? 1 : 0, row.removed, row.hiddenModSeq ?? null)
}

export function readExpungedSince(database: Database, mailbox: number, modSeq: number): readonly number[] {
  return (database.prepare(selectSince).all(mailbox, modSeq) as { uid: number }[]).map(row => row.uid)
}

export function countTombstones(database: Database): number {
  return (database.prepare(countAll).get() as { count: number }).count
}

export function readOldestTombstones(
  database: Database,
  limit: number,
): readonly Pick<Tombstone, 'mailbox' | 'modSeq' | 'uid' | 'removed'>[] {
  return database.prepare(selectOldest).all(limit) as Pick<Tombstone, 'mailbox' | 'modSeq' | 'uid' | 'removed'>[]
}

export function deleteTombstone(database: Database, row: Pick<Tombstone, 'mailbox' | 'modSeq' | 'uid'>): void {
  database.prepare(remove).run(row.mailbox, row.modSeq, row.uid)
}
