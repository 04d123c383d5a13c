/** Cards, the books they are in, their photos and addresses. */
import type { Database } from '../../sqlite.ts'
import type { ContactChange } from './contacts.ts'

export type ContactCardRow = ContactChange & {
  readonly octets: number
  /** JSON */
  readonly value: string
}
export type CardContent = {
  readonly uid: string
  readonly octets: number
  readonly value: string
  readonly books: readonly number[]
  /** By hash; those of the card that are not among them go */
  readonly blobs: ReadonlyMap<string, Uint8Array>
  readonly addresses: readonly string[]
}

const columns = 'id, created_mod_seq AS createdModSeq, mod_seq AS modSeq, octets, value'
const selectOne = `SELECT ${columns} FROM contact_card WHERE id = ?`
const selectPage = `SELECT ${columns} FROM contact_card WHERE id > ? ORDER BY id LIMIT ?`
const selectAll = `SELECT id, value FROM contact_card`
const selectIds = `SELECT id FROM contact_card`
const selectInBook = `SELECT card_of.id, card_of.value FROM contact_card_book AS filed JOIN contact_card AS card_of ON card_of.id = filed.card WHERE filed.book = ?`
const selectChanged = `SELECT id, mod_seq AS modSeq, created_mod_seq AS createdModSeq FROM contact_card WHERE mod_seq > ?1
  ORDER BY CASE WHEN created_mod_seq > ?1 THEN created_mod_seq ELSE mod_seq END LIMIT ?2`
const selectByUid = `SELECT id FROM contact_card WHERE uid = ?`
const selectBookCards = `SELECT card FROM contact_card_book WHERE book = ? LIMIT ?`
const selectHashes = `SELECT hash FROM contact_blob WHERE card = ?`
const selectBlob = `SELECT bytes FROM contact_blob WHERE hash = ? LIMIT 1`
const selectAddress = `SELECT 1 AS found FROM contact_address WHERE address = ? LIMIT 1`
const selectAnyAddress = `SELECT 1 AS found FROM contact_address LIMIT 1`
const selectAddresses = `SELECT DISTINCT address FROM contact_address LIMIT ?`
const insert = `INSERT INTO contact_card (created_mod_seq, mod_seq, uid, octets, value) VALUES (?, ?, ?, ?, ?)`
const update = `UPDATE contact_card SET mod_seq = ?, uid = ?, octets = ?, value = ? WHERE id = ?`
const updateValue = `UPDATE contact_card SET mod_seq = ?, octets = ?, value = ? WHERE id = ?`
const deleteBook = `DELETE FROM contact_card_book WHERE book = ? AND card = ?`
const insertBook = `INSERT INTO contact_card_book (book, card) VALUES (?, ?)`
const insertBlob = `INSERT INTO contact_blob (card, hash, bytes) VALUES (?, ?, ?)`
const insertAddress = `INSERT OR IGNORE INTO contact_address (address, card) VALUES (?, ?)`
const deleteBlob = `DELETE FROM contact_blob WHERE card = ? AND hash = ?`
const deleteBooks = `DELETE FROM contact_card_book WHERE card = ?`
const deleteAddresses = `DELETE FROM contact_address WHERE card = ?`
const deleteBlobs = `DELETE FROM contact_blob WHERE card = ?`
const deleteCard = `DELETE FROM contact_card WHERE id = ?`

export function readCard(database: Database, id: number): ContactCardRow | undefined {
  return database.prepare(selectOne).get(id) as ContactCardRow | undefined
}

/** By id, those after `after` */
export function readCards(database: Database, after: number, limit: number): readonly ContactCardRow[] {
  return database.prepare(selectPage).all(after, limit) as ContactCardRow[]
}

export function cardIds(database: Database): readonly number[] {
  return (database.prepare(selectIds).all() as { id: number }[]).map(({ id }) => id)
}

/** One by one; those of one book where it is named */
export function eachCard(
  database: Database,
  book: number | undefined,
): Iterable<{ readonly id: number; readonly value: string }> {
  const rows = book === undefined ? database.prepare(selectAll).iterate() : database.prepare(selectInBook).iterate(book)
  return rows as Iterable<{ id: number; value: string }>
}

/** The oldest first: those that came since then by when they came, the others by when they last changed */
export function readChangedCards(database: Database, since: number, limit: number): readonly ContactChange[] {
  return database.prepare(selectChanged).all(since, limit) as ContactChange[]
}

export function cardWithUid(database: Database, uid: string): number | undefined {
  return (database.prepare(selectByUid).get(uid) as { id: number } | undefined)?.id
}

export function cardsInBook(database: Database, book: number, limit: number): readonly number[] {
  return (database.prepare(selectBookCards).all(book, limit) as { card: number }[]).map(({ card }) => card)
}

/** Undefined: no card has it. */
export function readContactBlob(database: Database, hash: string): Uint8Array | undefined {
  return (database.prepare(selectBlob).get(hash) as { bytes: Uint8Array } | undefined)?.bytes
}

export function hasContactAddress(database: Database, address: string): boolean {
  return database.prepare(selectAddress).get(address) !== undefined
}

export function hasContactAddresses(database: Database): boolean {
  return database.prepare(selectAnyAddress).get() !== undefined
}

export function readContactAddresses(database: Database, limit: number): readonly string[] {
  return (database.prepare(selectAddresses).all(limit) as { address: string }[]).map(({ address }) => address)
}

/** Its id */
export function insertCard(database: Database, content: CardContent, modSeq: number): number {
  const { octets, uid, value } = content
  const id = Number(database.prepare(insert).run(modSeq, modSeq, uid, octets, value).lastInsertRowid)
  putParts(database, id, content)
  return id
}

export function updateCard(database: Database, id: number, content: CardContent, modSeq: number): void {
  database.prepare(update).run(modSeq, content.uid, content.octets, content.value, id)
  database.prepare(deleteBooks).run(id)
  database.prepare(deleteAddresses).run(id)
  putParts(database, id, content)
}

/** The card, and its value without the book */
export function takeOutOfBook(
  database: Database,
  { id, octets, value }: Pick<ContactCardRow, 'id' | 'octets' | 'value'>,
  book: number,
  modSeq: number,
): void {
  database.prepare(updateValue).run(modSeq, octets, value, id)
  database.prepare(deleteBook).run(book, id)
}

function putParts(database: Database, card: number, { addresses, blobs, books }: CardContent): void {
  for (const book of books) database.prepare(insertBook).run(book, card)
  for (const address of addresses) database.prepare(insertAddress).run(address, card)
  const kept = new Set((database.prepare(selectHashes).all(card) as { hash: string }[]).map(({ hash }) => hash))
  for (const hash of kept) if (!blobs.has(hash)) database.prepare(deleteBlob).run(card, hash)
  for (const [hash, bytes] of blobs) if (!kept.has(hash)) database.prepare(insertBlob).run(card, hash, bytes)
}

export function removeCard(database: Database, id: number): void {
  for (const sql of [deleteBooks, deleteAddresses, deleteBlobs, deleteCard]) database.prepare(sql).run(id)
}
