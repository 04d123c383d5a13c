import type { Database } from '../../sqlite.ts'
import type { ContactChange } from './contacts.ts'

export type AddressBookRow = ContactChange & {
  readonly isDefault: 0 | 1
  /** JSON */
  readonly value: string
}

const columns = `id, created_mod_seq AS createdModSeq, mod_seq AS modSeq, is_default AS isDefault, value`
const selectAll = `SELECT ${columns} FROM address_book ORDER BY id`
const insert = `INSERT INTO address_book (created_mod_seq, mod_seq, is_default, value) VALUES (?, ?, ?, ?)`
const update = `UPDATE address_book SET mod_seq = ?, is_default = ?, value = ? WHERE id = ?`
const remove = `DELETE FROM address_book WHERE id = ?`

export function readAddressBooks(database: Database): readonly AddressBookRow[] {
  return database.prepare(selectAll).all() as AddressBookRow[]
}

/** Its id */
export function insertAddressBook(
  database: Database,
  { isDefault, value }: Pick<AddressBookRow, 'isDefault' | 'value'>,
  modSeq: number,
): number {
  return Number(database.prepare(insert).run(modSeq, modSeq, isDefault, value).lastInsertRowid)
}

export function updateAddressBook(
  database: Database,
  { id, isDefault, value }: Pick<AddressBookRow, 'id' | 'isDefault' | 'value'>,
  modSeq: number,
): void {
  database.prepare(update).run(modSeq, isDefault, value, id)
}

export function deleteAddressBook(database: Database, id: number): void {
  database.prepare(remove).run(id)
}
