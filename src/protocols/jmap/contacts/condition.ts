/** Conditions and orders of ContactCard/query as they come. RFC 9610 §3.3 */
import { type CardComparator, type CardCondition, type CardFilter, sortProperties } from '#formats/jscontact/query.ts'
import { type TextField, textFields } from '#formats/jscontact/texts.ts'
import { searchedWords } from '#formats/search/searched-words.ts'
import { conditionOf, filterOf } from '../filter.ts'
import { maxSearchTerms, maxSortComparators } from '../limits.ts'
import { MethodFault } from '../method.ts'
import { type Comparator, sortShape } from '../query.ts'
import { type Check, id, optional, text, utc } from '../syntax/arguments.ts'

const others = {
  inAddressBook: optional(id),
  uid: optional(text),
  hasMember: optional(text),
  kind: optional(text),
  createdBefore: optional(utc),
  createdAfter: optional(utc),
  updatedBefore: optional(utc),
  updatedAfter: optional(utc),
}
const texts = Object.fromEntries(textFields.map(name => [name, optional(text)])) as Readonly<
  Record<TextField, Check<string | undefined>>
>
const read = conditionOf({ ...others, ...texts })

const condition: Check<CardCondition> = (value, at) => {
  const given = read(value, at)
  const words = textFields.flatMap(field => searchedWords(given[field] ?? '').map(word => ({ in: field, word })))
  const { createdAfter, createdBefore, hasMember, inAddressBook, kind, uid, updatedAfter, updatedBefore } = given
  return { createdAfter, createdBefore, hasMember, inAddressBook, kind, uid, updatedAfter, updatedBefore, words }
}

/** All words are looked for in every card. */
const filter: Check<CardFilter> = (value, at) => {
  const read = filterOf(condition)(value, at)
  if (wordsIn(read) > maxSearchTerms) throw new MethodFault('unsupportedFilter', `More than ${maxSearchTerms} words`)
  return read
}

function wordsIn(filter: CardFilter): number {
  if (filter.operator === undefined) return filter.condition.words.length
  return filter.filters.reduce((sum, one) => sum + wordsIn(one), 0)
}

export const cardQueryShape = { filter: optional(filter), sort: sortShape }

/** Texts are compared in one way alone, so a collation cannot be chosen. */
export function cardOrder(given: readonly Comparator[] | undefined): readonly CardComparator[] {
  if ((given?.length ?? 0) > maxSortComparators)
    throw new MethodFault('unsupportedSort', `More than ${maxSortComparators} comparators`)
  return (given ?? []).map(({ collation, isAscending, property: asked }) => {
    const property = sortProperties.find(one => one === asked)
    if (!property || collation !== undefined)
      throw new MethodFault('unsupportedSort', `By ${sortProperties.join(', ')}, without a collation`)
    return { property, isAscending }
  })
}
