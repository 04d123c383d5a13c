/** Of contacts as a whole: when they last changed, how much they are, and which are no more. */
import type { Database } from '../../sqlite.ts'

export type ContactsRow = {
  booksModSeq: number
  cardsModSeq: number
  /** What was removed up to here is no longer known */
  goneFloor: number
  cards: number
  octets: number
}
export type ContactKind = 'book' | 'card'
/** `createdModSeq` of what is no more is 0 */
export type ContactChange = { readonly id: number; readonly modSeq: number; readonly createdModSeq: number }

const select = `SELECT books_mod_seq AS booksModSeq, cards_mod_seq AS cardsModSeq, gone_floor AS goneFloor, cards, octets FROM contacts`
const insert = `INSERT INTO contacts (id, books_mod_seq, cards_mod_seq, gone_floor, cards, octets) VALUES (1, ?, ?, ?, 0, 0)`
const update = `UPDATE contacts SET books_mod_seq = ?, cards_mod_seq = ?, gone_floor = ?, cards = ?, octets = ?`
const insertGone = `INSERT INTO contacts_gone (kind, id, mod_seq) VALUES (?, ?, ?)`
const selectGone = `SELECT id, mod_seq AS modSeq, 0 AS createdModSeq FROM contacts_gone WHERE kind = ? AND mod_seq > ?
  ORDER BY mod_seq LIMIT ?`
const selectKept = `SELECT max(mod_seq) AS floor FROM (SELECT mod_seq FROM contacts_gone ORDER BY mod_seq DESC LIMIT -1 OFFSET ?)`
const deleteGone = `DELETE FROM contacts_gone WHERE mod_seq <= ?`

/** Undefined: contacts were never asked for. */
export function readContacts(database: Database): ContactsRow | undefined {
  const row = database.prepare(select).get()
  return row ? ({ ...row } as ContactsRow) : undefined
}

/** `modSeq`: nothing has changed since */
export function insertContacts(database: Database, modSeq: number): void {
  database.prepare(insert).run(modSeq, modSeq, modSeq)
}

export function updateContacts(database: Database, row: ContactsRow): void {
  database.prepare(update).run(row.booksModSeq, row.cardsModSeq, row.goneFloor, row.cards, row.octets)
}

export function noteGone(database: Database, kind: ContactKind, id: number, modSeq: number): void {
  database.prepare(insertGone).run(kind, id, modSeq)
}

/** The oldest first */
export function readContactsGone(
  database: Database,
  kind: ContactKind,
  since: number,
  limit: number,
): readonly ContactChange[] {
  return database.prepare(selectGone).all(kind, since, limit) as ContactChange[]
}

/** The newest `kept` stay. Resolves with the modseq up to which they are gone, if any are. */
export function pruneContactsGone(database: Database, kept: number): number | undefined {
  const { floor } = database.prepare(selectKept).get(kept) as { floor: number | null }
  if (floor === null) return undefined
  database.prepare(deleteGone).run(floor)
  return floor
}
