import type { ContactsWriting } from './set-contacts.ts'
import { leaveBook } from './set-contact-cards.ts'
import { maxAddressBooks } from './limits.ts'
import {
  type AddressBookRow,
  deleteAddressBook,
  insertAddressBook,
  readAddressBooks,
  updateAddressBook,
} from './tables/address-book.ts'
import { cardsInBook } from './tables/contact-card.ts'
import { noteGone } from './tables/contacts.ts'

export type AddressBookProperties = {
  readonly name: string
  readonly description: string | null
  readonly sortOrder: number
  readonly isSubscribed: boolean
}
export type BookStep =
  | { readonly kind: 'create'; readonly properties: AddressBookProperties }
  | { readonly kind: 'update'; readonly id: number; readonly properties: Partial<AddressBookProperties> }
  /** With cards in it only when these are to be removed: those that are in no other book are destroyed */
  | { readonly kind: 'destroy'; readonly id: number; readonly removeCards: boolean }
export type BookRefusal = {
  readonly refused: 'no-such-book' | 'too-many-entries' | 'is-default' | 'has-cards'
}

export function takeBookStep(writing: ContactsWriting, step: BookStep): { readonly id: number } | BookRefusal {
  const { database } = writing.account
  const books = readAddressBooks(database)
  if (step.kind === 'create') {
    if (books.length >= maxAddressBooks) return { refused: 'too-many-entries' }
    const value = JSON.stringify(step.properties)
    return { id: insertAddressBook(database, { isDefault: 0, value }, bookModSeq(writing)) }
  }
  const book = books.find(({ id }) => id === step.id)
  if (!book) return { refused: 'no-such-book' }
  return step.kind === 'update' ? update(writing, book, step.properties) : destroy(writing, book, step.removeCards)
}

function update(
  writing: ContactsWriting,
  book: AddressBookRow,
  properties: Partial<AddressBookProperties>,
): { readonly id: number } {
  const value = JSON.stringify({ ...(JSON.parse(book.value) as AddressBookProperties), ...properties })
  if (value !== book.value) updateAddressBook(writing.account.database, { ...book, value }, bookModSeq(writing))
  return { id: book.id }
}

/** There is always a default book: another one becomes it first. */
function destroy(
  writing: ContactsWriting,
  { id, isDefault }: AddressBookRow,
  removeCards: boolean,
): { readonly id: number } | BookRefusal {
  const { database } = writing.account
  if (isDefault === 1) return { refused: 'is-default' }
  if (!removeCards && cardsInBook(database, id, 1).length > 0) return { refused: 'has-cards' }
  for (const card of cardsInBook(database, id, -1)) leaveBook(writing, card, id)
  deleteAddressBook(database, id)
  noteGone(database, 'book', id, bookModSeq(writing))
  return { id }
}

/** Undefined: it is so already, or there is none such (RFC 9610 §2.3: ignored). */
export function makeDefault(
  writing: ContactsWriting,
  id: number | undefined,
): { readonly is: number; readonly was: number } | undefined {
  const books = readAddressBooks(writing.account.database)
  const wanted = books.find(book => book.id === id)
  const now = books.find(book => book.isDefault === 1)
  if (!wanted || !now || wanted === now) return undefined
  updateAddressBook(writing.account.database, { ...now, isDefault: 0 }, bookModSeq(writing))
  updateAddressBook(writing.account.database, { ...wanted, isDefault: 1 }, bookModSeq(writing))
  return { is: wanted.id, was: now.id }
}

function bookModSeq({ account, contacts, touched }: ContactsWriting): number {
  touched.add('book')
  contacts.booksModSeq = account.modSeq()
  return contacts.booksModSeq
}
