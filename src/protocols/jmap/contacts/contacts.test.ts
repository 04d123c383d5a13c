// Contacts of several clients at once: who is told what, who is too late, and what nobody gets in.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { delivery } from '#mail/accounts.testbed.ts'
import { generator } from '#mail/random-changes.testbed.ts'
import { FollowedQuery } from '../followed-query.testbed.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import { StateFeed } from '../push/state-feed.ts'
import type { ChangesResponse, Id, JsonObject, PushType, SetError, SetResponse } from '../wire.ts'
import { type AddressBook, type ContactCard, contactsCapability } from '../wire-contacts.ts'

const card = (books: readonly string[], more: JsonObject = {}): JsonObject => ({
  version: '1.0',
  addressBookIds: Object.fromEntries(books.map(book => [book, true])),
  ...more,
})

async function set({ call }: JmapBed, given: object): Promise<SetResponse<ContactCard>> {
  return (await call('ContactCard/set', given)) as unknown as SetResponse<ContactCard>
}

async function cards({ call }: JmapBed): Promise<{ readonly state: string; readonly list: readonly ContactCard[] }> {
  return (await call('ContactCard/get')) as unknown as { state: string; list: ContactCard[] }
}

test('the Session object says that there are contacts (RFC 9610 §1.4.1)', async () => {
  await withJmap(async ({ accountId, session }) => {
    const told = await session()
    assert.deepEqual(told.capabilities[contactsCapability], {})
    assert.equal(told.primaryAccounts[contactsCapability], accountId)
    assert.deepEqual(told.accounts[accountId]?.accountCapabilities[contactsCapability], {
      maxAddressBooksPerCard: null,
      mayCreateAddressBook: true,
    })
  })
})

test('of two that change the same state one is too late; mail changes no state of contacts', async () => {
  await withJmap(async bed => {
    const { state: ifInState } = await cards(bed)
    const message = memorySource(utf8('From: aki@internet.test\r\nSubject: News\r\n\r\nHello\r\n'))
    await bed.accounts.deliver(delivery(bed.account, { message }), AbortSignal.timeout(5_000))
    const answers = await Promise.all(
      ['one', 'two', 'three'].map(async full => {
        const create = { k: card(['B1'], { name: { full } }) }
        const [answer] = await bed.calls(['ContactCard/set', { accountId: bed.accountId, ifInState, create }])
        return { full, answer }
      }),
    )
    const done = answers.filter(({ answer }) => answer?.[0] === 'ContactCard/set')
    assert.equal(done.length, 1)
    for (const { answer } of answers)
      if (answer?.[0] === 'error') assert.deepEqual(answer[1], { type: 'stateMismatch' })
    const { list } = await cards(bed)
    assert.deepEqual(
      list.map(({ name }) => name?.full),
      done.map(({ full }) => full),
    )
  })
})

test('patches of several clients at once all count', async () => {
  await withJmap(async bed => {
    const { created } = await set(bed, { create: { k: card(['B1'], { emails: {} }) } })
    const id = created?.['k']?.id ?? ''
    const keys = Array.from({ length: 12 }, (_, n) => `e${n}`)
    const patch = (key: string) => ({ [id]: { [`emails/${key}`]: { address: `${key}@example.com` } } })
    await Promise.all(keys.map(key => set(bed, { update: patch(key) })))
    const { list } = await cards(bed)
    assert.deepEqual(Object.keys(list[0]?.emails ?? {}).toSorted(), keys.toSorted())
  })
})

test('one uid is one card, however many are made at once (RFC 9610 §3)', async () => {
  await withJmap(async bed => {
    const create = { k: card(['B1'], { uid: 'urn:uuid:same' }) }
    const answers = await Promise.all([1, 2, 3].map(() => set(bed, { create })))
    const { list } = await cards(bed)
    assert.equal(list.length, 1)
    assert.equal(answers.filter(({ created }) => created !== null).length, 1)
    for (const { notCreated } of answers) if (notCreated) assert.equal(notCreated['k']?.existingId, list[0]?.id)
  })
})

/** What a client holds that asks for changes alone. RFC 8620 §5.2 */
class Follower {
  readonly #bed: JmapBed
  readonly #kind: 'AddressBook' | 'ContactCard'
  #state = ''
  held = new Map<Id, JsonObject>()

  constructor(bed: JmapBed, kind: 'AddressBook' | 'ContactCard') {
    this.#bed = bed
    this.#kind = kind
  }

  async start(): Promise<void> {
    const { list, state } = await this.#get(null)
    this.#state = state
    this.held = new Map(list.map(one => [one.id, one]))
  }

  async follow(maxChanges: number): Promise<void> {
    for (let more = true; more; ) {
      const given = { sinceState: this.#state, maxChanges }
      const changes = (await this.#bed.call(`${this.#kind}/changes`, given)) as unknown as ChangesResponse
      assert.ok(changes.created.every(id => !this.held.has(id)))
      for (const id of changes.destroyed) this.held.delete(id)
      const { list } = await this.#get([...changes.created, ...changes.updated])
      for (const one of list) this.held.set(one.id, one)
      this.#state = changes.newState
      more = changes.hasMoreChanges
    }
  }

  async compare(): Promise<void> {
    const { list } = await this.#get(null)
    assert.deepEqual(this.held, new Map(list.map(one => [one.id, one])))
  }

  async #get(ids: readonly Id[] | null) {
    return (await this.#bed.call(`${this.#kind}/get`, { ids })) as unknown as {
      readonly state: string
      readonly list: readonly (JsonObject & { readonly id: Id })[]
    }
  }
}

test('random changes, followed by /changes and /queryChanges, end with what a fresh look shows', async () => {
  await withJmap(async bed => {
    const random = generator(9610)
    const followers = [new Follower(bed, 'AddressBook'), new Follower(bed, 'ContactCard')]
    const sort = [{ property: 'name/surname' }, { property: 'updated', isAscending: false }]
    const queries = [
      new FollowedQuery(bed, 'ContactCard', {}),
      new FollowedQuery(bed, 'ContactCard', { sort }),
      new FollowedQuery(bed, 'ContactCard', { filter: { inAddressBook: 'B1' }, sort }),
      new FollowedQuery(bed, 'ContactCard', { filter: { operator: 'NOT', conditions: [{ name: '2' }] } }),
    ]
    for (const one of [...followers, ...queries]) await one.start()
    for (let round = 0; round < 40; round++) {
      await Promise.all([changeAtRandom(bed, random), changeAtRandom(bed, random)])
      for (const follower of followers) if (random() < 0.5) await follower.follow(500)
      for (const query of queries) if (random() < 0.3) await query.follow()
    }
    for (const follower of followers) {
      await follower.follow(500)
      await follower.compare()
    }
    for (const query of queries) {
      await query.follow()
      await query.compare()
      assert.ok(query.told > 5)
    }
    assert.ok((followers[1]?.held.size ?? 0) > 3)
    const defaults = [...(followers[0]?.held.values() ?? [])].filter(({ isDefault }) => isDefault === true)
    assert.equal(defaults.length, 1)
  })
})

async function changeAtRandom(bed: JmapBed, random: () => number): Promise<void> {
  const { list: books } = (await bed.call('AddressBook/get')) as unknown as { readonly list: readonly AddressBook[] }
  const { list } = await cards(bed)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]
  const book = pick(books)?.id ?? ''
  const one = pick(list)?.id ?? 'C999'
  const surname = { components: [{ kind: 'surname', value: String(Math.floor(random() * 30)) }] }
  const dice = random()
  if (dice < 0.1) await bed.call('AddressBook/set', { create: { k: { name: 'New' } } })
  else if (dice < 0.2) await bed.call('AddressBook/set', { destroy: [book], onDestroyRemoveContents: true })
  else if (dice < 0.3) await bed.call('AddressBook/set', { onSuccessSetIsDefault: book })
  else if (dice < 0.6) await set(bed, { create: { k: card([book], { name: surname }) } })
  else if (dice < 0.7) await set(bed, { destroy: [one] })
  else if (dice < 0.85) await set(bed, { update: { [one]: { name: surname } } })
  else await set(bed, { update: { [one]: { [`addressBookIds/${book}`]: true } } })
}

test('news of books and cards are their states, and of nothing else (RFC 8620 §7.1)', async () => {
  await withJmap(async bed => {
    await cards(bed)
    const account = await bed.accounts.account(bed.account)
    const types = new Set<PushType>(['AddressBook', 'ContactCard', 'Email', 'Mailbox'])
    using feed = await StateFeed.open(account, bed.sending, types, undefined, () => undefined)
    const news = async () => Object.fromEntries((await feed.take())?.changed ?? [])
    await set(bed, { create: { k: card(['B1']) } })
    assert.deepEqual(await news(), { ContactCard: (await cards(bed)).state })
    await bed.call('AddressBook/set', { create: { k: { name: 'Work' } } })
    const { state } = await bed.call('AddressBook/get')
    assert.deepEqual(await news(), { AddressBook: state })
    await set(bed, { update: { C1: {} } })
    assert.deepEqual(await news(), {})
  })
})

test('what strangers send is a card or refused, and nothing else', async () => {
  await withJmap(async bed => {
    let deep: JsonObject = {}
    for (let level = 0; level < 60; level++) deep = { deep }
    const emails = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`e${n}`, { address: `${n}@example.com` }]),
    )
    const names = JSON.parse(
      '{"__proto__":{"address":"p@example.com"},"constructor":{"address":"c@example.com"}}',
    ) as JsonObject
    const photo = { kind: 'photo', uri: `data:image/png;base64,${'A'.repeat(400_000)}` }
    const { created, notCreated } = await set(bed, {
      create: {
        deep: card(['B1'], { deep }),
        emails: card(['B1'], { emails }),
        photo: card(['B1'], { media: { m: photo } }),
        text: card(['B1'], { 'example.com:text': 'x'.repeat(70_000) }),
        names: card(['B1'], { emails: names, ...(JSON.parse('{"__proto__":{"kind":"org"}}') as JsonObject) }),
      },
    })
    const refused = Object.entries(notCreated ?? {}).map(([name, { type }]: readonly [string, SetError]) => [
      name,
      type,
    ])
    assert.deepEqual(refused, [
      ['deep', 'invalidProperties'],
      ['emails', 'tooLarge'],
      ['photo', 'tooLarge'],
      ['text', 'tooLarge'],
    ])
    const id = created?.['names']?.id ?? ''
    const paths = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`p${n}`, n]))
    const { notUpdated } = await set(bed, { update: { [id]: paths } })
    assert.equal(notUpdated?.[id]?.type, 'invalidPatch')
    await set(bed, {
      update: { [id]: { 'emails/__proto__/label': 'x', 'emails/toString': { address: 't@example.com' } } },
    })
    const [answer] = await bed.calls(['ContactCard/get', { accountId: bed.accountId, ids: [id] }])
    assert.match(JSON.stringify(answer), /"__proto__":\{"address":"p@example\.com","label":"x"\}/)
    assert.match(JSON.stringify(answer), /"toString":\{"address":"t@example\.com"\}/)
    for (const name of ['p', 'c', 't'])
      assert.ok(await bed.accounts.isContact(bed.account, `${name}@example.com`), name)
    const found = await bed.call('ContactCard/query', { filter: { kind: 'org' } })
    assert.deepEqual(found['ids'], [])
  })
})

test('all cards are told at once while they are few, by their ids when they are many (RFC 8620 §5.1)', async () => {
  await withJmap(async bed => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, card(['B1'])]))
    await set(bed, { create: many(500) })
    assert.equal((await cards(bed)).list.length, 500)
    await set(bed, { create: many(1) })
    const [answer] = await bed.calls(['ContactCard/get', { accountId: bed.accountId }])
    assert.equal(answer?.[1]['type'], 'requestTooLarge')
    const [whole] = await bed.calls(['ContactCard/set', { accountId: bed.accountId, create: many(501) }])
    assert.equal(whole?.[1]['type'], 'requestTooLarge')
  })
})

test('whose address is on a card is known with every letter, from the commit on', async () => {
  await withJmap(async bed => {
    const { accounts, account } = bed
    const knows = () => accounts.isContact(account, 'aki@internet.test')
    assert.deepEqual([await knows(), await knows()], [false, false])
    const emails = { e: { address: 'Aki@Internet.Test' } }
    const { created } = await set(bed, { create: { k: card(['B1'], { emails }) } })
    const id = created?.['k']?.id ?? ''
    assert.equal(await knows(), true)
    await set(bed, { update: { [id]: { emails: null } } })
    assert.deepEqual([await knows(), await knows()], [false, false])
    await set(bed, { update: { [id]: { emails } } })
    assert.equal(await knows(), true)
    await set(bed, { destroy: [id] })
    assert.equal(await knows(), false)
  })
})
