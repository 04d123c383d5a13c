/**
 * What all /queryChanges methods have in common (RFC 8620 §5.6). What may have changed is taken out of the old result and put where it is in the
 * new one; whatever did not change stands to its like as before. So nothing is remembered of old results.
 */
import { MethodFault } from './method.ts'
import { fallback, flag, id, optional, text, unsigned } from './syntax/arguments.ts'
import type { Id, QueryChangesResponse } from './wire.ts'

/** `upToId` would allow to leave out changes behind it; none are. */
export const queryChangesShape = {
  accountId: id,
  sinceQueryState: text,
  maxChanges: optional(unsigned),
  upToId: optional(id),
  calculateTotal: fallback(flag, false),
}

export type AskedChanges = {
  readonly accountId: Id
  readonly sinceQueryState: string
  readonly maxChanges: number | undefined
  readonly calculateTotal: boolean
}

/** The new result: how long it is, and where those are that may be other than they were */
export type NewResult = { readonly length: number; placesOf(changed: ReadonlySet<Id>): readonly AddedId[] }
type AddedId = QueryChangesResponse['added'][number]

export function resultOf(ids: readonly Id[]): NewResult {
  return {
    length: ids.length,
    placesOf: changed => ids.flatMap((id, index) => (changed.has(id) ? [{ id, index }] : [])),
  }
}

/** `changed`: all that may be other than they were, gone or not; those of them that are `created` were in no old result */
export function answerQueryChanges(
  result: NewResult,
  asked: AskedChanges,
  facts: { readonly changed: ReadonlySet<Id>; readonly created: ReadonlySet<Id>; readonly newQueryState: string },
): QueryChangesResponse {
  const { changed, created, newQueryState } = facts
  const removed = [...changed].filter(one => !created.has(one))
  const added = result.placesOf(changed)
  if (removed.length + added.length > (asked.maxChanges ?? Infinity))
    throw new MethodFault('tooManyChanges', 'More changed than was asked for')
  return {
    accountId: asked.accountId,
    oldQueryState: asked.sinceQueryState,
    newQueryState,
    ...(asked.calculateTotal && { total: result.length }),
    removed,
    added,
  }
}
