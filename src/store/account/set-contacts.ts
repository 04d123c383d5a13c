/**
 * Address books and cards made, changed and destroyed: AddressBook/set and ContactCard/set (RFC 9610 §2.3, §3.5). Each step is looked at before
 * any of it is made, and what is refused leaves the others as they are. The first of all makes the default address book.
 */
import type { CardRefusal } from '#formats/jscontact/card.ts'
import type { AccountWriter } from './account-writer.ts'
import { type BookRefusal, type BookStep, makeDefault, takeBookStep } from './set-address-books.ts'
import { type CardStep, takeCardStep } from './set-contact-cards.ts'
import { contactsGoneKept } from './limits.ts'
import { insertAddressBook } from './tables/address-book.ts'
import {
  type ContactKind,
  type ContactsRow,
  insertContacts,
  pruneContactsGone,
  readContacts,
  updateContacts,
} from './tables/contacts.ts'

export type ContactStep = (BookStep & { readonly of: 'book' }) | (CardStep & { readonly of: 'card' })

export type SetContactsInput = {
  readonly steps: readonly ContactStep[]
  /** The modseq of books or cards that the steps are for */
  readonly ifModSeq?: { readonly of: ContactKind; readonly modSeq: number } | undefined
  /** Made the default when every step was done: a book by its id, or the one that a step makes */
  readonly makeDefault?: { readonly id: number } | { readonly step: number } | undefined
  /** Octets of the photos that cards name, by their blob ids */
  readonly blobs?: ReadonlyMap<string, Uint8Array> | undefined
  readonly nowMs: number
}

export type ContactRefusal =
  | BookRefusal
  | CardRefusal
  | { readonly refused: 'no-such-card' | 'too-many-entries' }
  | { readonly refused: 'uid-exists'; readonly card: number }
/** `told`: properties of the card, as JSON, that are other than whoever wrote it would think */
export type ContactResult = { readonly id: number; readonly told?: string } | ContactRefusal

export type SetContactsOutput =
  | { readonly refused: 'state-mismatch' }
  | {
      /** Just before and after */
      readonly books: { readonly before: number; readonly after: number }
      readonly cards: { readonly before: number; readonly after: number }
      readonly results: readonly ContactResult[]
      /** Where another book became it */
      readonly newDefault?: { readonly is: number; readonly was: number } | undefined
    }

export function setContacts(account: AccountWriter, input: SetContactsInput): SetContactsOutput {
  const contacts = readContacts(account.database) ?? begin(account)
  const { booksModSeq, cardsModSeq } = contacts
  const { ifModSeq } = input
  if (ifModSeq && ifModSeq.modSeq !== (ifModSeq.of === 'book' ? booksModSeq : cardsModSeq))
    return { refused: 'state-mismatch' }
  const writing: ContactsWriting = { account, contacts, blobs: input.blobs, nowMs: input.nowMs, touched: new Set() }
  const results = input.steps.map(step =>
    step.of === 'book' ? takeBookStep(writing, step) : takeCardStep(writing, step),
  )
  const isDone = results.every(result => !('refused' in result))
  const newDefault = isDone ? makeDefault(writing, idOf(input.makeDefault, results)) : undefined
  save(writing)
  return {
    books: { before: booksModSeq, after: contacts.booksModSeq },
    cards: { before: cardsModSeq, after: contacts.cardsModSeq },
    results,
    newDefault,
  }
}

/** `contacts`: its counts are kept up, its modseqs set by what changes books and cards */
export type ContactsWriting = {
  readonly account: AccountWriter
  readonly contacts: ContactsRow
  readonly blobs: ReadonlyMap<string, Uint8Array> | undefined
  readonly nowMs: number
  readonly touched: Set<ContactKind>
}

/** What is said of it in a browser is in its user's language: the name is what other programs show. */
const firstBook = { name: 'Contacts', description: null, sortOrder: 0, isSubscribed: true }

function begin(account: AccountWriter): ContactsRow {
  const modSeq = account.modSeq()
  insertContacts(account.database, modSeq)
  insertAddressBook(account.database, { isDefault: 1, value: JSON.stringify(firstBook) }, modSeq)
  account.touchObjects('AddressBook')
  return { booksModSeq: modSeq, cardsModSeq: modSeq, goneFloor: modSeq, cards: 0, octets: 0 }
}

function idOf(wanted: SetContactsInput['makeDefault'], results: readonly ContactResult[]): number | undefined {
  if (!wanted || 'id' in wanted) return wanted?.id
  const result = results[wanted.step]
  return result && 'id' in result ? result.id : undefined
}

function save({ account, contacts, touched }: ContactsWriting): void {
  if (touched.size === 0) return
  contacts.goneFloor = pruneContactsGone(account.database, contactsGoneKept) ?? contacts.goneFloor
  updateContacts(account.database, contacts)
  if (touched.has('book')) account.touchObjects('AddressBook')
  if (touched.has('card')) account.touchObjects('ContactCard')
}
