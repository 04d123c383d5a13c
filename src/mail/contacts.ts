/**
 * An account's address books and cards (RFC 9610): JSON of JSContact by row numbers. A card's photos are kept apart, and named in it by the hash of
 * their octets (formats/jscontact/media.ts).
 */
import { ownBytes } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { CardComparator, CardFilter } from '#formats/jscontact/query.ts'
import { type ContactChanges, contactChanges, type QueryContactsOutput } from '#store/account/query-contacts.ts'
import type { SetContactsInput, SetContactsOutput } from '#store/account/set-contacts.ts'
import type { AccountStore } from '#store/account/store.ts'
import { type AddressBookRow, readAddressBooks } from '#store/account/tables/address-book.ts'
import {
  type ContactCardRow,
  readCard,
  readCards,
  readContactAddresses,
  readContactBlob,
} from '#store/account/tables/contact-card.ts'
import { type ContactKind, readContacts } from '#store/account/tables/contacts.ts'
import { readCounters } from '#store/account/tables/counters.ts'
import type { Database } from '#store/sqlite.ts'
import { readAccount } from './account-read.ts'
import type { AccountId } from './ids.ts'

export type { AddressBookRow, ContactCardRow, ContactChanges, ContactKind }
export type { AddressBookProperties } from '#store/account/set-address-books.ts'
export type { ContactRefusal, ContactResult, ContactStep } from '#store/account/set-contacts.ts'
export { maxAddressBooks, maxContactCards } from '#store/account/limits.ts'
export type SetContacts = Omit<SetContactsInput, 'nowMs'>

export type ContactsState = {
  /** Of the account's numbers */
  readonly epoch: number
  /** When any of them last changed */
  readonly books: number
  readonly cards: number
}

/** To be used within `Contacts.read` only, and for a few hundred rows at most. */
export type ContactsReader = {
  readonly state: ContactsState
  /** By id; a hundred at most */
  books(): readonly AddressBookRow[]
  card(id: number): ContactCardRow | undefined
  /** By id, those after `after` */
  cards(after: number, limit: number): readonly ContactCardRow[]
  changes(kind: ContactKind, since: number, limit: number): ContactChanges
}

export type Contacts = {
  /** In one read transaction, on the calling thread. The first time of all the default address book is made. */
  read<Result>(act: (reader: ContactsReader) => Result): Promise<Result>
  /** In one commit; each step for itself is made or refused. */
  set(wanted: SetContacts): Promise<SetContactsOutput>
  /** Which cards are found, in order; with `since` what changed among all cards from then on, at most so many. */
  query(wanted: ContactsQuery): Promise<QueryContactsOutput & { readonly epoch: number }>
  /** A photo; undefined: no card has it any more */
  blob(hash: string): Promise<Uint8Array | undefined>
  /** Canonical addresses of cards, each once; at most so many */
  addresses(limit: number): Promise<readonly string[]>
}
export type ContactsQuery = {
  readonly filter: CardFilter | undefined
  readonly sort: readonly CardComparator[]
  readonly since?: number | undefined
  readonly limit?: number
}

export function contactsOf(account: AccountId, store: AccountStore, clock: Clock, by: string | undefined): Contacts {
  const write = (wanted: SetContacts) =>
    store.write(account, 'setContacts', { ...wanted, blobs: ownBlobs(wanted.blobs), nowMs: clock.now() }, undefined, by)
  const look = <Result>(act: (database: Database) => Result) => readAccount(store, account, act)
  const begin = async () => {
    if (!(await look(readContacts))) await write({ steps: [] })
  }
  return {
    async read(act) {
      await begin()
      return await look(database => act(readerOf(database)))
    },
    set: write,
    async query({ filter, sort, since, limit = 0 }) {
      await begin()
      const epoch = await look(epochOf)
      return { ...(await store.scan(account, 'queryContacts', { filter, sort, since, limit })), epoch }
    },
    blob: async hash => await look(database => readContactBlob(database, hash)),
    addresses: async limit => await look(database => readContactAddresses(database, limit)),
  }
}

function ownBlobs(blobs: SetContacts['blobs']): SetContacts['blobs'] {
  return blobs && new Map(Array.from(blobs, ([id, bytes]) => [id, ownBytes(bytes)]))
}

function epochOf(database: Database): number {
  return readCounters(database)?.epoch ?? 0
}

function readerOf(database: Database): ContactsReader {
  const contacts = readContacts(database)
  return {
    state: { epoch: epochOf(database), books: contacts?.booksModSeq ?? 0, cards: contacts?.cardsModSeq ?? 0 },
    books: () => readAddressBooks(database),
    card: id => readCard(database, id),
    cards: (after, limit) => readCards(database, after, limit),
    changes: (kind, since, limit) => contactChanges(database, kind, since, limit),
  }
}
