/** The order of Email/query. RFC 8621 §4.4.2 */
import { sortByNumber } from '#base/radix.ts'
import { maxSortComparators } from '../limits.ts'
import { MethodFault } from '../method.ts'
import { ArgumentFault } from '../syntax/arguments.ts'
import type { Asking } from './condition.ts'

/** RFC 5051, of RFC 4790's */
export const collations: readonly string[] = ['i;unicode-casemap']

export const emailSortOptions = [
  'receivedAt',
  'sentAt',
  'size',
  'from',
  'to',
  'subject',
  'hasKeyword',
  'allInThreadHaveKeyword',
  'someInThreadHaveKeyword',
] as const

export type EmailComparator = {
  readonly property: string
  readonly isAscending: boolean
  readonly keyword: string | undefined
  readonly collation: string | undefined
}

const textProperties = ['from', 'to', 'subject'] as const

/** The texts that are sorted by. What cannot be done is refused. */
export function sortedTexts(sort: readonly EmailComparator[]): readonly (typeof textProperties)[number][] {
  if (sort.length > maxSortComparators)
    throw new MethodFault('unsupportedSort', `More than ${maxSortComparators} comparators`)
  for (const { collation, keyword, property } of sort) {
    if (!(emailSortOptions as readonly string[]).includes(property))
      throw new MethodFault('unsupportedSort', `Emails cannot be sorted by “${property.slice(0, 100)}”`)
    if (collation !== undefined && !collations.includes(collation))
      throw new MethodFault('unsupportedSort', `There is no collation “${collation.slice(0, 100)}”`)
    if (property.endsWith('Keyword') && keyword === undefined)
      throw new ArgumentFault(`sort: ${property} needs a keyword`)
  }
  return textProperties.filter(name => sort.some(({ property }) => property === name))
}

/** Columns stand by receivedAt, then by id: that is the last word in every order. Without comparators the newest come first. */
export function sortEmails(found: Uint32Array, sort: readonly EmailComparator[], asking: Asking): Uint32Array {
  const [first] = sort
  const keys = sort.map(comparator => keyOf(comparator, asking))
  if (sort.length === 1 && first?.property === 'receivedAt' && first.isAscending) return found
  // each leaves equals as they stand: the one that counts least is first
  let sorted: Uint32Array = found.toReversed()
  for (let at = sort.length - 1; at >= 0; at--) {
    const [comparator, key] = [sort[at], keys[at]]
    if (at === sort.length - 1 && comparator?.property === 'receivedAt' && !comparator.isAscending) continue
    if (comparator && key) sorted = sortByNumber(sorted, key, comparator.isAscending)
  }
  return sorted
}

/** Whole numbers */
function keyOf({ property, keyword }: EmailComparator, asking: Asking): (index: number) => number {
  const { columns } = asking
  switch (property) {
    case 'receivedAt':
      return index => columns.received[index] ?? 0
    case 'sentAt':
      return index => columns.sent[index] ?? 0
    case 'size':
      return index => columns.sizes[index] ?? 0
    case 'hasKeyword':
    case 'allInThreadHaveKeyword':
    case 'someInThreadHaveKeyword':
      break
    default: {
      const ranks = asking.texts?.get(property)
      return index => ranks?.[index] ?? 0
    }
  }
  const flag = asking.flagOf(keyword?.toLowerCase() ?? '')
  const has = (flags: number | undefined) => (((flags ?? 0) & flag) !== 0 ? 1 : 0)
  if (property === 'hasKeyword') return index => has(columns.flags[index])
  const { of } = columns.threadNumbers
  const flags = columns.threadFlags[property === 'allInThreadHaveKeyword' ? 'all' : 'some']
  return index => has(flags[of[index] ?? 0])
}
