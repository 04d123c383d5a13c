/** Which cards a query finds, and in which order. RFC 9610 §3.3 */
import { type Filter, matches } from '#base/filter.ts'
import { fold } from '../search/fold.ts'
import { isObject, type Json, type JsonObject, member } from './json.ts'
import { componentsOf, digitsOf, foldedTexts, type TextField } from './texts.ts'

/** All that are there have to be true. Times in milliseconds since 1970 */
export type CardCondition = {
  readonly inAddressBook?: string | undefined
  readonly uid?: string | undefined
  readonly hasMember?: string | undefined
  readonly kind?: string | undefined
  readonly createdBefore?: number | undefined
  readonly createdAfter?: number | undefined
  readonly updatedBefore?: number | undefined
  readonly updatedAfter?: number | undefined
  /** Folded words, each of which is somewhere in its field */
  readonly words: readonly { readonly in: TextField; readonly word: string }[]
}
export type CardFilter = Filter<CardCondition>

export const sortProperties = ['created', 'updated', 'name/given', 'name/surname', 'name/surname2'] as const
export type CardComparator = { readonly property: (typeof sortProperties)[number]; readonly isAscending: boolean }

export function cardMatches(card: JsonObject, filter: CardFilter): boolean {
  const folded = new Map<TextField, string>()
  const texts = (field: TextField) => {
    const known = folded.get(field) ?? foldedTexts(card, field)
    folded.set(field, known)
    return known
  }
  return matches(filter, condition => fits(card, condition, texts))
}

function fits(card: JsonObject, condition: CardCondition, texts: (field: TextField) => string): boolean {
  const { inAddressBook, uid, hasMember, kind, words } = condition
  return (
    (inAddressBook === undefined || member(member(card, 'addressBookIds'), inAddressBook) === true) &&
    (uid === undefined || member(card, 'uid') === uid) &&
    (hasMember === undefined || member(member(card, 'members'), hasMember) === true) &&
    // RFC 9553 §2.1.4: individual is what it is when nothing is said
    (kind === undefined || (member(card, 'kind') ?? 'individual') === kind) &&
    isWithin(member(card, 'created'), condition.createdAfter, condition.createdBefore) &&
    isWithin(member(card, 'updated'), condition.updatedAfter, condition.updatedBefore) &&
    words.every(one => texts(one.in).includes(one.word) || hasNumber(one, texts))
  )
}

/** From `after` on, before `before` */
function isWithin(date: Json | undefined, after: number | undefined, before: number | undefined): boolean {
  if (after === undefined && before === undefined) return true
  const time = timeOf(date)
  return time >= (after ?? -Infinity) && time < (before ?? Infinity)
}

/** Three digits are the least that are a number and not a part of one. */
function hasNumber({ in: field, word }: CardCondition['words'][number], texts: (field: TextField) => string): boolean {
  const digits = /^[0-9+().-]+$/.test(word) ? digitsOf(word) : ''
  return digits.length >= 3 && (field === 'phone' || field === 'text') && texts('phone').includes(digits)
}

export type SortKey = number | string | undefined

/**
 * What the card is sorted by. Of names: what `sortAs` says of the kind, else how the first component of the kind is read, else how it is written
 * (RFC 9610 §3.3.2); hiragana and katakana are the same. Undefined: it has none.
 */
export function sortKey(card: JsonObject, property: CardComparator['property']): SortKey {
  if (property === 'created' || property === 'updated') {
    const time = timeOf(member(card, property))
    return Number.isNaN(time) ? undefined : time
  }
  const kind = property.slice('name/'.length)
  const name = member(card, 'name')
  const component = componentsOf(name).find(one => member(one, 'kind') === kind)
  const told = [member(member(name, 'sortAs'), kind), member(component, 'phonetic'), member(component, 'value')]
  const text = told.find(one => typeof one === 'string' && one !== '') as string | undefined
  return text === undefined ? undefined : asHiragana(fold(text))
}

function asHiragana(text: string): string {
  return text.replaceAll(/[\u30a1-\u30f6]/g, one => String.fromCharCode(one.charCodeAt(0) - 0x60))
}

/** Those that have nothing to be sorted by come last, whichever way the others go; equals by their numbers, so that an order is one. */
export function compareCards(
  a: { readonly id: number; readonly keys: readonly SortKey[] },
  b: { readonly id: number; readonly keys: readonly SortKey[] },
  sort: readonly CardComparator[],
): number {
  for (const [index, { isAscending }] of sort.entries()) {
    const [one, other] = [a.keys[index], b.keys[index]]
    if (one === other) continue
    if (one === undefined || other === undefined) return one === undefined ? 1 : -1
    return one < other === isAscending ? -1 : 1
  }
  return a.id - b.id
}

function timeOf(date: Json | undefined): number {
  return typeof date === 'string' ? Date.parse(date) : NaN
}

/** Addresses of a card, as written */
export function cardAddresses(card: JsonObject): readonly string[] {
  const emails = member(card, 'emails')
  if (!isObject(emails)) return []
  return Object.values(emails).flatMap(one => {
    const address = member(one, 'address')
    return typeof address === 'string' ? [address] : []
  })
}
