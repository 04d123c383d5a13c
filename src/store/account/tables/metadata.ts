import type { Database } from '../../sqlite.ts'

/** In the column `mailbox`: the account as a whole */
export const wholeAccount = 0
/** Nobody else has entries here yet */
const ownPerson = ''

const selectSizes = `SELECT name, length(value) AS sizeBytes FROM metadata WHERE mailbox = ? AND owner = ? ORDER BY name`
const selectValue = `SELECT value FROM metadata WHERE mailbox = ? AND name = ? AND owner = ?`
const selectTotal = `SELECT ifnull(sum(length(name) + length(value)), 0) AS total FROM metadata`
const upsert = `INSERT INTO metadata (mailbox, name, owner, value) VALUES (?, ?, ?, ?)
  ON CONFLICT (mailbox, name, owner) DO UPDATE SET value = excluded.value`
const remove = `DELETE FROM metadata WHERE mailbox = ? AND name = ? AND owner = ?`
const removeAll = `DELETE FROM metadata WHERE mailbox = ?`
const copyAll = `INSERT INTO metadata (mailbox, name, owner, value)
  SELECT ?, name, owner, value FROM metadata WHERE mailbox = ?`

export type MetadataSize = { readonly name: string; readonly sizeBytes: number }

/** Ascending by name. */
export function readMetadataSizes(database: Database, mailbox: number): readonly MetadataSize[] {
  return database.prepare(selectSizes).all(mailbox, ownPerson) as MetadataSize[]
}

export function readMetadata(database: Database, mailbox: number, name: string): Uint8Array | undefined {
  const row = database.prepare(selectValue).get(mailbox, name, ownPerson) as { value: Uint8Array } | undefined
  return row?.value
}

/** Octets of all names and values of the account. */
export function metadataBytes(database: Database): number {
  return (database.prepare(selectTotal).get() as { total: number }).total
}

export function putMetadata(database: Database, mailbox: number, name: string, value: Uint8Array): void {
  database.prepare(upsert).run(mailbox, name, ownPerson, value)
}

export function deleteMetadata(database: Database, mailbox: number, name: string): void {
  database.prepare(remove).run(mailbox, name, ownPerson)
}

export function deleteMetadataOf(database: Database, mailbox: number): void {
  database.prepare(removeAll).run(mailbox)
}

export function copyMetadata(database: Database, from: number, to: number): void {
  database.prepare(copyAll).run(to, from)
}
