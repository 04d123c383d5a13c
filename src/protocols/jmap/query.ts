/** What all /query methods have in common: which part of the sorted ids is answered. RFC 8620 §5.5 */
import { maxQueryIds, maxSortComparators } from './limits.ts'
import { MethodFault } from './method.ts'
import { fallback, flag, id, integer, list, object, optional, text, unsigned } from './syntax/arguments.ts'
import type { Id, QueryResponse } from './wire.ts'

export const queryShape = {
  accountId: id,
  position: fallback(integer, 0),
  anchor: optional(id),
  anchorOffset: fallback(integer, 0),
  limit: optional(unsigned),
  calculateTotal: fallback(flag, false),
}

export type QueryWindow = {
  readonly accountId: Id
  readonly position: number
  readonly anchor: Id | undefined
  readonly anchorOffset: number
  readonly limit: number | undefined
  readonly calculateTotal: boolean
}

export const comparator = object({ property: text, isAscending: fallback(flag, true), collation: optional(text) })
export type Comparator = ReturnType<typeof comparator>
export const sortShape = optional(list(comparator))

/** `keys`: by the names that can be sorted by; the first comparator counts most. Throws unsupportedSort. */
export function orderOf<Value>(
  sort: readonly Omit<Comparator, 'collation'>[],
  keys: Readonly<Record<string, (value: Value) => string | number>>,
): (a: Value, b: Value) => number {
  if (sort.length > maxSortComparators)
    throw new MethodFault('unsupportedSort', `More than ${maxSortComparators} comparators`)
  const orders = sort.map(({ isAscending, property }) => {
    const key = Object.hasOwn(keys, property) ? keys[property] : undefined
    if (!key) throw new MethodFault('unsupportedSort', `By ${Object.keys(keys).join(', ')} alone`)
    return { key, sign: isAscending ? 1 : -1 }
  })
  return (a, b) => {
    for (const { key, sign } of orders) {
      const [left, right] = [key(a), key(b)]
      if (left !== right) return left < right ? -sign : sign
    }
    return 0
  }
}

/** All that match, sorted: an array, or something that makes ids of what is asked for. */
export type SortedIds = {
  readonly length: number
  at(index: number): Id | undefined
  /** -1 without it */
  indexOf(id: Id): number
}

export function answerQuery(
  ids: SortedIds,
  asked: QueryWindow,
  facts: { readonly queryState: string; readonly canCalculateChanges: boolean },
): QueryResponse {
  const position = Math.min(startOf(ids, asked), ids.length)
  const limit = Math.min(asked.limit ?? maxQueryIds, maxQueryIds)
  const isCut = asked.limit === undefined ? ids.length - position > maxQueryIds : asked.limit > maxQueryIds
  return {
    accountId: asked.accountId,
    ...facts,
    position,
    ids: Array.from({ length: Math.min(limit, ids.length - position) }, (_, index) => ids.at(position + index) ?? ''),
    ...(asked.calculateTotal && { total: ids.length }),
    ...(isCut && { limit }),
  }
}

function startOf(ids: SortedIds, { anchor, anchorOffset, position }: QueryWindow): number {
  if (anchor === undefined) return position < 0 ? Math.max(0, ids.length + position) : position
  const at = ids.indexOf(anchor)
  if (at < 0) throw new MethodFault('anchorNotFound')
  return Math.max(0, at + anchorOffset)
}
