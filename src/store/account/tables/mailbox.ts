import type { Database } from '../../sqlite.ts'

export type MailboxRow = {
  readonly id: number
  name: string
  role: string | null
  readonly uidValidity: number
  uidNext: number
  highestModSeq: number
  messages: number
  unseen: number
  deleted: number
  sizeBytes: number
  readonly createdModSeq: number
  /** Of the name, role or existence; not of the messages */
  changedModSeq: number
  /** RFC 8621 §2 */
  sortOrder: number
}

const columns = `id, name, role, uid_validity AS uidValidity, uid_next AS uidNext, highest_mod_seq AS highestModSeq,
  messages, unseen, deleted, size_bytes AS sizeBytes, created_mod_seq AS createdModSeq, changed_mod_seq AS changedModSeq,
  sort_order AS sortOrder`
const selectAll = `SELECT ${columns} FROM mailbox ORDER BY id`
const selectNamed = `SELECT ${columns} FROM mailbox WHERE name = ?`
const selectById = `SELECT ${columns} FROM mailbox WHERE id = ?`
const insert = `INSERT INTO mailbox (id, name, role, uid_validity, uid_next, highest_mod_seq, messages,
  unseen, deleted, size_bytes, created_mod_seq, changed_mod_seq, sort_order) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const update = `UPDATE mailbox SET name = ?, role = ?, uid_next = ?, highest_mod_seq = ?, messages = ?, unseen = ?,
  deleted = ?, size_bytes = ?, changed_mod_seq = ?, sort_order = ? WHERE id = ?`
const remove = `DELETE FROM mailbox WHERE id = ?`

export function readMailboxes(database: Database): readonly MailboxRow[] {
  return database
    .prepare(selectAll)
    .all()
    .map(row => ({ ...row }) as MailboxRow)
}

export function readMailboxNamed(database: Database, name: string): MailboxRow | undefined {
  return database.prepare(selectNamed).get(name) as MailboxRow | undefined
}

export function readMailbox(database: Database, id: number): MailboxRow | undefined {
  return database.prepare(selectById).get(id) as MailboxRow | undefined
}

export function insertMailbox(database: Database, row: MailboxRow): void {
  database
    .prepare(insert)
    .run(
      row.id,
      row.name,
      row.role,
      row.uidValidity,
      row.uidNext,
      row.highestModSeq,
      row.messages,
      row.unseen,
      row.deleted,
      row.sizeBytes,
      row.createdModSeq,
      row.changedModSeq,
      row.sortOrder,
    )
}

export function updateMailbox(database: Database, row: MailboxRow): void {
  database
    .prepare(update)
    .run(
      row.name,
      row.role,
      row.uidNext,
      row.highestModSeq,
      row.messages,
      row.unseen,
      row.deleted,
      row.sizeBytes,
      row.changedModSeq,
      row.sortOrder,
      row.id,
    )
}

export function deleteMailboxRow(database: Database, id: number): void {
  database.prepare(remove).run(id)
}
