import { randomUUID } from 'node:crypto'
import { canonicalAddress } from '#formats/address/address.ts'
import {
  type CardRefusal,
  type CardSurroundings,
  changedCard,
  newCard,
  type WrittenCard,
} from '#formats/jscontact/card.ts'
import { printBookId, printCardId, readBookId, readMediaBlobId } from '#formats/jscontact/ids.ts'
import { type JsonObject, member, withMember } from '#formats/jscontact/json.ts'
import { cardAddresses } from '#formats/jscontact/query.ts'
import type { ContactRefusal, ContactsWriting } from './set-contacts.ts'
import { maxCardAddresses, maxContactCards, maxContactsBytes } from './limits.ts'
import { readAddressBooks } from './tables/address-book.ts'
import {
  type CardContent,
  type ContactCardRow,
  cardWithUid,
  insertCard,
  readCard,
  readContactBlob,
  removeCard,
  takeOutOfBook,
  updateCard,
} from './tables/contact-card.ts'
import { noteGone } from './tables/contacts.ts'

/** Cards and patches as JSON: names of strangers cross no thread as members. */
export type CardStep =
  | { readonly kind: 'create'; readonly card: string }
  | { readonly kind: 'update'; readonly id: number; readonly patch: string }
  | { readonly kind: 'destroy'; readonly id: number }
type Result = { readonly id: number; readonly told?: string } | ContactRefusal

export function takeCardStep(writing: ContactsWriting, step: CardStep): Result {
  if (step.kind === 'create') return create(writing, JSON.parse(step.card) as JsonObject)
  const row = readCard(writing.account.database, step.id)
  if (!row) return { refused: 'no-such-card' }
  if (step.kind === 'update') return update(writing, row, JSON.parse(step.patch) as JsonObject)
  destroy(writing, row)
  return { id: row.id }
}

function create(writing: ContactsWriting, given: JsonObject): Result {
  const { account, contacts } = writing
  const card = newCard(given, surroundings(writing))
  const refusal = refusalOf(writing, card, undefined)
  if (refusal || 'refused' in card) return refusal ?? (card as CardRefusal)
  if (contacts.cards >= maxContactCards) return { refused: 'too-many-entries' }
  const id = insertCard(account.database, contentOf(card), cardModSeq(writing))
  contacts.cards++
  contacts.octets += card.octets
  return { id, told: JSON.stringify(card.told) }
}

function update(writing: ContactsWriting, row: ContactCardRow, patch: JsonObject): Result {
  const before = JSON.parse(row.value) as JsonObject
  const card = changedCard(before, printCardId(row.id), patch, surroundings(writing))
  if (!card) return { id: row.id }
  const refusal = refusalOf(writing, card, row)
  if (refusal || 'refused' in card) return refusal ?? (card as CardRefusal)
  updateCard(writing.account.database, row.id, contentOf(card), cardModSeq(writing))
  writing.contacts.octets += card.octets - row.octets
  return { id: row.id, told: JSON.stringify(card.told) }
}

function destroy(writing: ContactsWriting, { id, octets }: ContactCardRow): void {
  removeCard(writing.account.database, id)
  noteGone(writing.account.database, 'card', id, cardModSeq(writing))
  writing.contacts.cards--
  writing.contacts.octets -= octets
}

/** A card that is in no other book goes with it. */
export function leaveBook(writing: ContactsWriting, card: number, book: number): void {
  const row = readCard(writing.account.database, card)
  if (!row) return
  const value = JSON.parse(row.value) as JsonObject
  const books = withMember(member(value, 'addressBookIds') as JsonObject, printBookId(book), undefined)
  if (Object.keys(books).length === 0) return destroy(writing, row)
  const text = JSON.stringify(withMember(value, 'addressBookIds', books))
  const octets = row.octets + Buffer.byteLength(text) - Buffer.byteLength(row.value)
  takeOutOfBook(writing.account.database, { id: card, octets, value: text }, book, cardModSeq(writing))
  writing.contacts.octets += octets - row.octets
}

/** What the account as a whole has against it. RFC 9610 §3: no two cards have the same uid */
function refusalOf(
  { account, contacts }: ContactsWriting,
  card: WrittenCard | CardRefusal,
  row: ContactCardRow | undefined,
): ContactRefusal | undefined {
  if ('refused' in card) return card
  const same = cardWithUid(account.database, member(card.card, 'uid') as string)
  if (same !== undefined && same !== row?.id) return { refused: 'uid-exists', card: same }
  const octets = contacts.octets + card.octets - (row?.octets ?? 0)
  return octets > maxContactsBytes && card.octets > (row?.octets ?? 0) ? { refused: 'too-many-entries' } : undefined
}

function surroundings({ account, blobs, nowMs }: ContactsWriting): CardSurroundings {
  const books = new Set(readAddressBooks(account.database).map(({ id }) => printBookId(id)))
  return {
    nowMs,
    newUid: () => `urn:uuid:${randomUUID()}`,
    hasBook: book => books.has(book),
    bytesOf(blobId) {
      const hash = readMediaBlobId(blobId)
      return hash === undefined ? blobs?.get(blobId) : readContactBlob(account.database, hash)
    },
  }
}

function contentOf({ blobs, card, octets, text }: WrittenCard): CardContent {
  const books = Object.keys(member(card, 'addressBookIds') as JsonObject)
  return {
    uid: member(card, 'uid') as string,
    octets,
    value: text,
    books: books.flatMap(book => readBookId(book) ?? []),
    blobs,
    addresses: cardAddresses(card)
      .slice(0, maxCardAddresses)
      .flatMap(address => canonicalAddress(address) ?? []),
  }
}

function cardModSeq({ account, contacts, touched }: ContactsWriting): number {
  touched.add('card')
  contacts.cardsModSeq = account.modSeq()
  return contacts.cardsModSeq
}
