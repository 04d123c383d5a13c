// A JMAP client that follows the account by /changes alone, while IMAP's operations change it at random, always ends with what a fresh look shows.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Account } from '#mail/account.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { changeAtRandom as step, generator } from '#mail/random-changes.testbed.ts'
import { FollowedQuery, queriesFollowed } from './followed-query.testbed.ts'
import { type JmapBed, withJmap } from './jmap.testbed.ts'
import type { ChangesResponse, JsonObject } from './wire.ts'

type Cache = {
  readonly Mailbox: Map<string, JsonObject>
  readonly Email: Map<string, JsonObject>
  readonly Thread: Map<string, JsonObject>
}
type Kind = keyof Cache
const kinds: readonly Kind[] = ['Mailbox', 'Email', 'Thread']
const properties: Readonly<Record<Kind, readonly string[] | undefined>> = {
  Mailbox: undefined,
  Email: ['mailboxIds', 'keywords', 'threadId'],
  Thread: undefined,
}

class Client {
  readonly #bed: JmapBed
  readonly #states = new Map<Kind, string>()
  readonly cache: Cache = { Mailbox: new Map(), Email: new Map(), Thread: new Map() }

  constructor(bed: JmapBed) {
    this.#bed = bed
  }

  async start(): Promise<void> {
    for (const kind of kinds) {
      const { state } = await this.#get(kind, [])
      this.#states.set(kind, state)
    }
    for (const mailbox of (await this.#get('Mailbox', null)).list) this.cache.Mailbox.set(idOf(mailbox), mailbox)
  }

  async follow(maxChanges: number): Promise<void> {
    for (const kind of kinds)
      for (let more = true; more; ) {
        const sinceState = this.#states.get(kind)
        const changes = (await this.#bed.call(`${kind}/changes`, {
          sinceState,
          maxChanges,
        })) as unknown as ChangesResponse
        for (const id of changes.destroyed) this.cache[kind].delete(id)
        // as a client must: what is told as other and unknown may be fetched, what is gone meanwhile will be told
        const { list, notFound } = await this.#get(kind, [...changes.created, ...changes.updated])
        for (const one of list) this.cache[kind].set(idOf(one), one)
        for (const id of notFound) this.cache[kind].delete(id)
        this.#states.set(kind, changes.newState)
        more = changes.hasMoreChanges
      }
  }

  async #get(kind: Kind, ids: readonly string[] | null) {
    const response = await this.#bed.call(`${kind}/get`, { ids, properties: properties[kind] ?? null })
    return response as {
      readonly state: string
      readonly list: readonly JsonObject[]
      readonly notFound: readonly string[]
    }
  }
}

test('random changes, followed in parts and at once', async () => {
  await withJmap(async bed => {
    const account = await bed.accounts.account(bed.account)
    const random = generator(20261127)
    const clients = [new Client(bed), new Client(bed)]
    const queries = queriesFollowed.map(([type, query]) => new FollowedQuery(bed, type, query))
    for (const client of [...clients, ...queries]) await client.start()
    for (let round = 0; round < 60; round++) {
      await Promise.all(Array.from({ length: 1 + Math.floor(random() * 4) }, () => step(account, random)))
      // one of them keeps up, also while things change; the other looks seldom, and takes more at a time
      await Promise.all([
        clients[0]?.follow(round % 3 === 0 ? 2 : 40),
        random() < 0.5 ? step(account, random) : undefined,
      ])
      if (round % 9 === 0) await clients[1]?.follow(500)
      // each now and then, so that some have much to catch up on; some while things change
      const asked = queries.filter(() => random() < 0.2)
      await Promise.all([step(account, random), ...asked.map(query => query.follow())])
    }
    for (const client of clients) await client.follow(500)
    for (const query of queries) {
      await query.follow()
      await query.compare()
      assert.ok(query.told > 5)
    }
    const fresh = await look(bed, account)
    for (const [index, client] of clients.entries())
      for (const kind of kinds)
        assert.deepEqual(sorted(client.cache[kind]), sorted(fresh[kind]), `client ${index}, ${kind}`)
    assert.ok(fresh.Email.size > 5 && fresh.Thread.size > 3)
  })
})

/** All that there is, asked for by id: every id that was ever given out. */
async function look(bed: JmapBed, account: Account): Promise<Cache> {
  const cache: Cache = { Mailbox: new Map(), Email: new Map(), Thread: new Map() }
  const highest = await account.read(reader => reader.state.modSeq)
  const ids = (letterOf: string) =>
    Array.from({ length: Math.min(500, highest) }, (_, index) => `${letterOf}${index + 1}`)
  for (const [kind, asked] of [
    ['Mailbox', null],
    ['Email', ids('E')],
    ['Thread', ids('T')],
  ] as const) {
    const { list } = (await bed.call(`${kind}/get`, { ids: asked, properties: properties[kind] ?? null })) as {
      list: JsonObject[]
    }
    for (const one of list) cache[kind].set(idOf(one), one)
  }
  for (const id of cache.Email.keys()) assert.ok(readEmailId(id))
  return cache
}

function sorted(map: ReadonlyMap<string, JsonObject>): readonly JsonObject[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}

function idOf(one: JsonObject): string {
  assert.ok(typeof one['id'] === 'string')
  return one['id']
}
