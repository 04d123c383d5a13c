/** A JMAP client that keeps an account by /changes and a few queries by /queryChanges alone (RFC 8620 §5.2, §5.6). */
import type { JmapBed } from '#protocols/jmap/jmap.testbed.ts'
import type { ChangesResponse, JsonObject, QueryChangesResponse, QueryResponse } from '#protocols/jmap/wire.ts'
import { complain } from './complaint.ts'
import { type Kind, kinds, normal, type Story, storyProperties } from './story.ts'

/** Everything that is asked goes through it: faults are planted here. */
export type Ask = (name: string, given: JsonObject) => Promise<JsonObject>

export const queries: readonly JsonObject[] = [
  {},
  { filter: { notKeyword: '$seen' }, sort: [{ property: 'hasKeyword', keyword: '$flagged' }] },
  { sort: [{ property: 'subject' }, { property: 'receivedAt' }], collapseThreads: true },
  { filter: { someInThreadHaveKeyword: '$flagged' }, sort: [{ property: 'size', isAscending: false }] },
]

type Held = { readonly query: JsonObject; ids: string[]; state: string }

export function askOf(bed: JmapBed): Ask {
  return (name, given) => bed.call(name, given)
}

export class JmapClient {
  readonly #ask: Ask
  readonly #states = new Map<Kind, string>()
  readonly #held: Held[] = []
  readonly cache = {
    Mailbox: new Map<string, JsonObject>(),
    Email: new Map<string, JsonObject>(),
    Thread: new Map<string, JsonObject>(),
  } satisfies Story

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async start(): Promise<void> {
    const story = await this.look()
    for (const kind of kinds) {
      for (const [id, one] of story[kind]) this.cache[kind].set(id, one)
      this.#states.set(kind, textOf(await this.#ask(`${kind}/get`, { ids: [] }), 'state'))
    }
    for (const query of queries) {
      const { ids, queryState } = await this.#query(query)
      this.#held.push({ query, ids: [...ids], state: queryState })
    }
  }

  async follow(maxChanges: number): Promise<void> {
    for (const kind of kinds)
      for (let more = true; more; ) {
        const sinceState = this.#states.get(kind) ?? ''
        const changes = (await this.#ask(`${kind}/changes`, { sinceState, maxChanges })) as unknown as ChangesResponse
        for (const id of changes.destroyed) this.cache[kind].delete(id)
        const { list, notFound } = await this.#get(kind, [...changes.created, ...changes.updated])
        for (const one of list) this.cache[kind].set(textOf(one, 'id'), normal(kind, one))
        for (const id of notFound) this.cache[kind].delete(id)
        this.#states.set(kind, changes.newState)
        more = changes.hasMoreChanges
      }
    for (const held of this.#held) await this.#followQuery(held)
  }

  async #followQuery(held: Held): Promise<void> {
    const given = { ...held.query, sinceQueryState: held.state }
    const changes = (await this.#ask('Email/queryChanges', given)) as unknown as QueryChangesResponse
    const removed = new Set(changes.removed)
    const ids = held.ids.filter(id => !removed.has(id))
    for (const { id, index } of changes.added) ids.splice(index, 0, id)
    held.ids = ids
    held.state = changes.newQueryState
  }

  /** All is quiet: what was followed is what a fresh look shows. */
  async compareQueries(): Promise<void> {
    for (const { ids, query } of this.#held) {
      const fresh = (await this.#query(query)).ids
      if (JSON.stringify(fresh) !== JSON.stringify(ids))
        complain('query', `${JSON.stringify(query)}: followed ${ids.join(' ')}; there is ${fresh.join(' ')}`)
    }
  }

  /** A fresh look at everything */
  async look(): Promise<Story> {
    const story = {
      Mailbox: new Map<string, JsonObject>(),
      Email: new Map<string, JsonObject>(),
      Thread: new Map<string, JsonObject>(),
    }
    const take = (kind: Kind, list: readonly JsonObject[]) => {
      for (const one of list) story[kind].set(textOf(one, 'id'), normal(kind, one))
    }
    take('Mailbox', (await this.#get('Mailbox', null)).list)
    const { ids } = await this.#query({})
    take('Email', (await this.#get('Email', ids)).list)
    const threads = new Set([...story.Email.values()].map(one => textOf(one, 'threadId')))
    take('Thread', (await this.#get('Thread', [...threads])).list)
    return story
  }

  async #query(query: JsonObject): Promise<QueryResponse> {
    return (await this.#ask('Email/query', query)) as unknown as QueryResponse
  }

  async #get(kind: Kind, ids: readonly string[] | null) {
    const response = await this.#ask(`${kind}/get`, { ids, properties: storyProperties[kind] })
    return response as { readonly list: readonly JsonObject[]; readonly notFound: readonly string[] }
  }
}

function textOf(one: JsonObject, name: string): string {
  const value = one[name]
  if (typeof value !== 'string') throw new Error(`There is no ${name} in ${JSON.stringify(one)}`)
  return value
}
