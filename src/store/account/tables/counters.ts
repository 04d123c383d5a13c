import type { Database } from '../../sqlite.ts'

export type Counters = {
  epoch: number
  modSeq: number
  nextMailbox: number
  nextEmail: number
  nextUidValidity: number
  emails: number
  placements: number
  usedBytes: number
  tombstoneFloor: number
  roleNames: string
}

const select = `SELECT epoch, mod_seq AS modSeq, next_mailbox AS nextMailbox, next_email AS nextEmail,
  next_uid_validity AS nextUidValidity, emails, placements, used_bytes AS usedBytes, tombstone_floor AS tombstoneFloor,
  role_names AS roleNames FROM counters`
const insert = `INSERT INTO counters (id, epoch, mod_seq, next_mailbox, next_email, next_uid_validity, emails,
  placements, used_bytes, tombstone_floor, role_names) VALUES (1, 1, 1, 1, 1, ?, 0, 0, 0, 0, ?)`
const update = `UPDATE counters SET epoch = ?, mod_seq = ?, next_mailbox = ?, next_email = ?, next_uid_validity = ?,
  emails = ?, placements = ?, used_bytes = ?, tombstone_floor = ?, role_names = ?`

/** Undefined while the account's creation has not been committed. */
export function readCounters(database: Database): Counters | undefined {
  const row = database.prepare(select).get()
  return row ? ({ ...row } as Counters) : undefined
}

export function insertCounters(database: Database, firstUidValidity: number, roleNames: string): void {
  database.prepare(insert).run(firstUidValidity, roleNames)
}

export function updateCounters(database: Database, row: Counters): void {
  database
    .prepare(update)
    .run(
      row.epoch,
      row.modSeq,
      row.nextMailbox,
      row.nextEmail,
      row.nextUidValidity,
      row.emails,
      row.placements,
      row.usedBytes,
      row.tombstoneFloor,
      row.roleNames,
    )
}
