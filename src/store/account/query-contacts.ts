/** Which cards a query finds and what changed, as of one moment. Reads every card, so for a reader thread. */
import {
  type CardComparator,
  type CardFilter,
  cardMatches,
  compareCards,
  sortKey,
  type SortKey,
} from '#formats/jscontact/query.ts'
import { readBookId } from '#formats/jscontact/ids.ts'
import type { JsonObject } from '#formats/jscontact/json.ts'
import type { Database } from '../sqlite.ts'
import { cardIds, eachCard, readChangedCards } from './tables/contact-card.ts'
import { type ContactChange, type ContactKind, readContacts, readContactsGone } from './tables/contacts.ts'
import { readAddressBooks } from './tables/address-book.ts'

export type QueryContactsInput = {
  readonly filter: CardFilter | undefined
  readonly sort: readonly CardComparator[]
  /** Changes of cards since then are told too */
  readonly since: number | undefined
  /** So many changes at most */
  readonly limit: number
}
export type ContactChanges = {
  /** Of the books, or the cards: nothing changed behind it */
  readonly modSeq: number
  /** False: what is gone is no longer known so far back */
  readonly complete: boolean
  /** Ascending by modseq, of what came since then that of its coming; of what is no more too */
  readonly changed: readonly (ContactChange & { readonly gone: boolean })[]
  /** There are more than were asked for */
  readonly more: boolean
}
export type QueryContactsOutput = {
  readonly ids: Float64Array<ArrayBuffer>
  readonly changes: ContactChanges
}

/** To be called within one read transaction, as all of these. */
export function queryContacts(database: Database, input: QueryContactsInput): QueryContactsOutput {
  const { filter, limit, since, sort } = input
  const found: { readonly id: number; readonly keys: readonly SortKey[] }[] = []
  const isAll = !filter && sort.length === 0
  if (isAll) for (const id of cardIds(database)) found.push({ id, keys: [] })
  else
    for (const { id, value } of eachCard(database, filter && bookOf(filter))) {
      const card = JSON.parse(value) as JsonObject
      if (filter && !cardMatches(card, filter)) continue
      found.push({ id, keys: sort.map(({ property }) => sortKey(card, property)) })
    }
  const sorted = found.toSorted((a, b) => compareCards(a, b, sort))
  return {
    ids: Float64Array.from(sorted, ({ id }) => id),
    changes: contactChanges(database, 'card', since, limit),
  }
}

/** The book that every card found is in, where the filter says so */
function bookOf(filter: CardFilter): number | undefined {
  if (filter.operator === undefined) return readBookId(filter.condition.inAddressBook ?? '')
  return filter.operator === 'AND' ? filter.filters.map(bookOf).find(book => book !== undefined) : undefined
}

/** `since` undefined: none are told */
export function contactChanges(
  database: Database,
  kind: ContactKind,
  since: number | undefined,
  limit: number,
): ContactChanges {
  const contacts = readContacts(database)
  const modSeq = (kind === 'book' ? contacts?.booksModSeq : contacts?.cardsModSeq) ?? 0
  if (since === undefined) return { modSeq, complete: true, changed: [], more: false }
  const there = kind === 'book' ? booksSince(database, since) : readChangedCards(database, since, limit + 1)
  const gone = readContactsGone(database, kind, since, limit + 1)
  const changed = [
    // what came since then is told as of then: told later as a change, it would be one of something that nobody was told of
    ...there.map(({ createdModSeq, id, modSeq: last }) => ({
      id,
      modSeq: createdModSeq > since ? createdModSeq : last,
      createdModSeq,
      gone: false,
    })),
    ...gone.map(one => ({ ...one, gone: true })),
  ].sort((a, b) => a.modSeq - b.modSeq)
  // one operation has one modseq, and is told as a whole
  let end = Math.min(changed.length, limit)
  if (changed.length > limit) while (end > 0 && changed[end - 1]?.modSeq === changed[limit]?.modSeq) end--
  return {
    modSeq,
    complete: since >= (contacts?.goneFloor ?? 0),
    changed: changed.slice(0, end),
    more: changed.length > limit,
  }
}

function booksSince(database: Database, since: number): readonly ContactChange[] {
  return readAddressBooks(database).filter(book => book.modSeq > since)
}
