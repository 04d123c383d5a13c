/** The order of Email/query. RFC 8621 §4.4.2 */
import { maxSortComparators } from '../limits.ts'
import { MethodFault } from '../method.ts'
import { ArgumentFault } from '../syntax/arguments.ts'
import type { Asking } from './condition.ts'

export const emailSortOptions = [
  'receivedAt',
  'sentAt',
  'size',
  'hasKeyword',
  'allInThreadHaveKeyword',
  'someInThreadHaveKeyword',
] as const

export type EmailComparator = {
  readonly property: string
  readonly isAscending: boolean
  readonly keyword: string | undefined
}

/** Columns stand by receivedAt, then by id: that is the last word in every order. Without comparators the newest come first. */
export function sortEmails(found: Uint32Array, sort: readonly EmailComparator[], asking: Asking): Uint32Array {
  if (sort.length > maxSortComparators)
    throw new MethodFault('unsupportedSort', `More than ${maxSortComparators} comparators`)
  const [first = { property: 'receivedAt', isAscending: false, keyword: undefined }] = sort
  const keys = (sort.length === 0 ? [first] : sort).map(comparator => {
    const key = keyOf(comparator, asking)
    return { key, sign: comparator.isAscending ? 1 : -1 }
  })
  if (keys.length === 1 && first.property === 'receivedAt') return first.isAscending ? found : found.toReversed()
  return found.slice().sort((a, b) => {
    for (const { key, sign } of keys) {
      const order = key(a) - key(b)
      if (order !== 0) return order * sign
    }
    return b - a
  })
}

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
    default:
      throw new MethodFault('unsupportedSort', `Emails cannot be sorted by “${property.slice(0, 100)}”`)
  }
  if (keyword === undefined) throw new ArgumentFault(`sort: ${property} needs a keyword`)
  const flag = asking.flagOf(keyword.toLowerCase())
  const has = (flags: number | undefined) => (((flags ?? 0) & flag) !== 0 ? 1 : 0)
  if (property === 'hasKeyword') return index => has(columns.flags[index])
  const threads = columns.ofThreads()
  const which = property === 'allInThreadHaveKeyword' ? 'all' : 'some'
  return index => has(threads.get(columns.threads[index] ?? 0)?.[which])
}
