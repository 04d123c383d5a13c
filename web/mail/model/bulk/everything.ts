/** All letters that a list has at one moment. What comes later is not among them, however long it takes to ask for their ids. */
import type { Id, QueryChangesResponse } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import type { ListQuery } from '../message-list.ts'

export type Everything = {
  readonly query: ListQuery
  /** The newest first */
  readonly ids: ReadonlySet<Id>
  /** Letters that the list had; more than `ids` where there are too many */
  readonly total: number
}

/** More are not chosen at once: each is remembered, so that it can be taken back. */
export const maxEverything = 100_000
/** RFC 8620 §5.5 lets a server give less; ours gives so many. */
const pageSize = 10_000
/** A list that changes while it is read is read again, so often; behind that some may be missing, but never too many. */
const maxReads = 3

type Watch = { readonly signal: AbortSignal; readonly onFound: (count: number) => void }
type Read = { readonly ids: Set<Id>; readonly total: number; readonly first: string; readonly last: string }

export async function everythingIn(client: Client, query: ListQuery, watch: Watch): Promise<Everything> {
  let read = await readOnce(client, query, watch)
  const { first, total } = read
  for (let reads = 1; reads < maxReads && read.first !== read.last; reads++) read = await readOnce(client, query, watch)
  if (read.last !== first) for (const id of await addedSince(client, query, first)) read.ids.delete(id)
  return { query, ids: read.ids, total }
}

const sort = [{ property: 'receivedAt', isAscending: false }]

async function readOnce(client: Client, { filter }: ListQuery, { signal, onFound }: Watch): Promise<Read> {
  const ids = new Set<Id>()
  let [first, last, total] = ['', '', 0]
  for (let position = 0; ids.size < maxEverything; ) {
    signal.throwIfAborted()
    const limit = Math.min(pageSize, maxEverything - ids.size)
    const calls = client.batch()
    const call = calls.call('Email/query', { filter, sort, position, limit, calculateTotal: true })
    const found = (await client.send(calls, { signal })).of(call)
    if (position === 0) [first, total] = [found.queryState, found.total ?? found.ids.length]
    last = found.queryState
    for (const id of found.ids) ids.add(id)
    onFound(ids.size)
    position += found.ids.length
    if (found.ids.length === 0 || position >= (found.total ?? 0)) break
  }
  return { ids, total, first, last }
}

/** Throws where the server cannot tell: then nobody knows what was chosen, and nothing is. */
async function addedSince(client: Client, { filter }: ListQuery, sinceQueryState: string): Promise<readonly Id[]> {
  const calls = client.batch()
  const call = calls.call('Email/queryChanges', { filter, sort, sinceQueryState })
  const changes: QueryChangesResponse = (await client.send(calls)).of(call)
  return changes.added.map(({ id }) => id)
}
