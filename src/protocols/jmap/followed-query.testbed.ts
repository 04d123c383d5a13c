/** A query whose result a client keeps by /queryChanges alone, and what a fresh look at it shows. RFC 8620 §5.6 */
import assert from 'node:assert/strict'
import type { JmapBed } from './jmap.testbed.ts'
import type { JsonObject, QueryChangesResponse, QueryResponse } from './wire.ts'

export type FollowedType = 'Email' | 'Mailbox' | 'ContactCard'

export class FollowedQuery {
  readonly #bed: JmapBed
  readonly #type: FollowedType
  readonly #query: JsonObject
  #ids: string[] = []
  #state = ''
  /** How often something was told */
  told = 0

  constructor(bed: JmapBed, type: FollowedType, query: JsonObject) {
    this.#bed = bed
    this.#type = type
    this.#query = query
  }

  async start(): Promise<void> {
    const { canCalculateChanges, ids, queryState } = await this.#fresh()
    assert.equal(canCalculateChanges, true)
    this.#ids = [...ids]
    this.#state = queryState
  }

  async follow(): Promise<void> {
    const given = { ...this.#query, sinceQueryState: this.#state, calculateTotal: true }
    const changes = (await this.#bed.call(`${this.#type}/queryChanges`, given)) as unknown as QueryChangesResponse
    const removed = new Set(changes.removed)
    this.#ids = this.#ids.filter(id => !removed.has(id))
    // ascending, each into its place (§5.6)
    for (const { id, index } of changes.added) this.#ids.splice(index, 0, id)
    assert.equal(this.#ids.length, changes.total)
    this.#state = changes.newQueryState
    this.told += changes.removed.length + changes.added.length
  }

  async compare(): Promise<void> {
    assert.deepEqual(this.#ids, (await this.#fresh()).ids, JSON.stringify(this.#query))
  }

  async #fresh(): Promise<QueryResponse> {
    return (await this.#bed.call(`${this.#type}/query`, this.#query)) as unknown as QueryResponse
  }
}

/** Filters and orders by what changes, what does not, what others of the thread decide, and what stands in the text */
export const queriesFollowed: readonly (readonly ['Email' | 'Mailbox', JsonObject])[] = [
  ['Email', {}],
  ['Email', { filter: { notKeyword: '$seen' }, sort: [{ property: 'hasKeyword', keyword: '$flagged' }] }],
  ['Email', { collapseThreads: true, sort: [{ property: 'receivedAt', isAscending: true }] }],
  ['Email', { filter: { someInThreadHaveKeyword: '$flagged' }, sort: [{ property: 'size' }] }],
  ['Email', { sort: [{ property: 'subject' }, { property: 'from', isAscending: false }, { property: 'receivedAt' }] }],
  [
    'Email',
    { filter: { hasAttachment: false }, sort: [{ property: 'subject', isAscending: false }], collapseThreads: true },
  ],
  ['Email', { filter: { subject: '3' }, sort: [{ property: 'someInThreadHaveKeyword', keyword: '$seen' }] }],
  ['Mailbox', { sort: [{ property: 'name' }] }],
  ['Mailbox', { filter: { isSubscribed: true }, sort: [{ property: 'sortOrder' }, { property: 'name' }] }],
  ['Mailbox', { filter: { parentId: null } }],
]
