// Address books and cards in the writer: what is refused, what goes with a book, and what is told of what is gone.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Database } from '../sqlite.ts'
import { AccountWriter } from './account-writer.ts'
import { contactsGoneKept, maxAddressBooks } from './limits.ts'
import { createAccount, databasePath } from './open-account.ts'
import { contactChanges, queryContacts } from './query-contacts.ts'
import { type ContactStep, setContacts, type SetContactsInput } from './set-contacts.ts'
import { readAddressBooks } from './tables/address-book.ts'
import { hasContactAddress, readCard, readContactBlob } from './tables/contact-card.ts'
import { noteGone, pruneContactsGone, readContacts, readContactsGone } from './tables/contacts.ts'

type Done = Extract<ReturnType<typeof setContacts>, { results: unknown }>
type Set = (steps: readonly ContactStep[], options?: Partial<SetContactsInput>) => Done

async function withContacts(act: (set: Set, account: AccountWriter) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-contacts-'))
  try {
    createAccount(folder, 'a', {}, 1_000_000)
    using database = new Database(databasePath(folder), { durability: 'NORMAL' })
    database.write(() => {
      const account = new AccountWriter('a', folder, database)
      const set: Set = (steps, options) => {
        const done = account.operation(() => setContacts(account, { steps, nowMs: 1_000_000_000, ...options }))
        assert.ok('results' in done)
        return done
      }
      act(set, account)
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

const book = (name: string): ContactStep => ({
  of: 'book',
  kind: 'create',
  properties: { name, description: null, sortOrder: 0, isSubscribed: true },
})
const card = (books: readonly string[], more: object = {}): ContactStep => ({
  of: 'card',
  kind: 'create',
  card: JSON.stringify({
    version: '1.0',
    addressBookIds: Object.fromEntries(books.map(one => [one, true])),
    ...more,
  }),
})
const update = (id: number, patch: object): ContactStep => ({
  of: 'card',
  kind: 'update',
  id,
  patch: JSON.stringify(patch),
})
const refusals = ({ results }: Done) => results.map(result => ('refused' in result ? result.refused : result.id))

test('the first of all makes the default book, which stays until another one is it', () =>
  withContacts((set, { database }) => {
    assert.equal(readContacts(database), undefined)
    set([])
    assert.deepEqual(
      readAddressBooks(database).map(({ id, isDefault }) => [id, isDefault]),
      [[1, 1]],
    )
    const destroy = { of: 'book', kind: 'destroy', id: 1, removeCards: true } as const
    assert.deepEqual(refusals(set([book('Work'), destroy])), [2, 'is-default'])
    assert.deepEqual(set([], { makeDefault: { id: 2 } }).newDefault, { is: 2, was: 1 })
    assert.equal(set([], { makeDefault: { id: 9 } }).newDefault, undefined)
    assert.equal(set([destroy, destroy], { makeDefault: { id: 1 } }).newDefault, undefined)
    assert.deepEqual(set([book('New')], { makeDefault: { step: 0 } }).newDefault, { is: 3, was: 2 })
  }))

test('each step is made or refused for itself', () =>
  withContacts((set, { database }) => {
    const done = set([
      card(['B1'], { uid: 'u1', emails: { e: { address: 'Joe@Example.com' } } }),
      card(['B1'], { uid: 'u1' }),
      card(['B7'], { uid: 'u2' }),
      update(1, { uid: 'u3', emails: null }),
      update(1, { 'emails/e': {} }),
      update(9, {}),
      card(['B1'], { uid: 'u1' }),
      update(2, { uid: 'u3' }),
      { of: 'card', kind: 'destroy', id: 9 },
    ])
    assert.deepEqual(refusals(done), [
      1,
      'uid-exists',
      'invalid-property',
      1,
      'invalid-patch',
      'no-such-card',
      2,
      'uid-exists',
      'no-such-card',
    ])
    assert.equal(hasContactAddress(database, 'joe@example.com'), false)
    assert.deepEqual(
      refusals(set(Array.from({ length: maxAddressBooks }, (_, n) => book(`${n}`)))).at(-1),
      'too-many-entries',
    )
  }))

test('a state is compared with that of its kind', () =>
  withContacts((set, account) => {
    set([])
    const { books, cards } = set([card(['B1'])])
    assert.equal(books.after, books.before)
    assert.ok(cards.after > cards.before)
    const ask = (of: 'book' | 'card', modSeq: number) =>
      setContacts(account, { steps: [], nowMs: 0, ifModSeq: { of, modSeq } })
    assert.deepEqual(ask('card', cards.before), { refused: 'state-mismatch' })
    assert.ok('results' in ask('card', cards.after) && 'results' in ask('book', books.after))
  }))

test('photos and addresses go with their card, counts stay right', () =>
  withContacts((set, { database }) => {
    const photo = { m: { kind: 'photo', uri: 'data:image/png;base64,iVBORw0KGgo=' } }
    const done = set([
      card(['B1'], { uid: 'u1', media: photo, emails: { e: { address: 'Joe@Example.com' } } }),
      card(['B1'], { uid: 'u2', media: photo }),
    ])
    assert.deepEqual(refusals(done), [1, 2])
    const [, hash = ''] = /"P([0-9a-f]{32})"/.exec(readCard(database, 1)?.value ?? '') ?? []
    assert.equal(readContactBlob(database, hash)?.length, 8)
    assert.ok(hasContactAddress(database, 'joe@example.com'))
    // another card may have the same photo by its blob id
    set([
      update(1, { media: null, emails: null }),
      card(['B1'], { uid: 'u3', media: { m: { kind: 'photo', blobId: `P${hash}` } } }),
    ])
    assert.equal(hasContactAddress(database, 'joe@example.com'), false)
    set([2, 3].map(id => ({ of: 'card', kind: 'destroy', id })))
    assert.equal(readContactBlob(database, hash), undefined)
    const contacts = readContacts(database)
    assert.deepEqual([contacts?.cards, contacts?.octets], [1, readCard(database, 1)?.octets])
    assert.equal(contacts?.octets, Buffer.byteLength(readCard(database, 1)?.value ?? ''))
  }))

test('a book that goes takes along the cards that are in no other one', () =>
  withContacts((set, { database }) => {
    set([book('Work'), card(['B2'], { uid: 'u1' }), card(['B1', 'B2'], { uid: 'u2' })])
    const destroy = (removeCards: boolean) => set([{ of: 'book', kind: 'destroy', id: 2, removeCards }])
    assert.deepEqual(refusals(destroy(false)), ['has-cards'])
    const { cards } = destroy(true)
    assert.equal(readCard(database, 1), undefined)
    assert.match(readCard(database, 2)?.value ?? '', /"addressBookIds":\{"B1":true\}/)
    const changes = contactChanges(database, 'card', cards.before, 10)
    assert.deepEqual(new Set(changes.changed.map(({ id, gone }) => `${id} ${gone}`)), new Set(['1 true', '2 false']))
    const found = queryContacts(database, {
      filter: { operator: undefined, condition: { inAddressBook: 'B1', words: [] } },
      sort: [],
      since: undefined,
      limit: 0,
    })
    assert.deepEqual([...found.ids], [2])
    assert.equal(readContacts(database)?.octets, readCard(database, 2)?.octets)
  }))

test('changes are told up to a limit, one operation as a whole, as far back as is known', () =>
  withContacts((set, { database }) => {
    const { cards: start } = set([])
    const first = set([card(['B1']), card(['B1'])])
    set([{ of: 'card', kind: 'destroy', id: 1 }])
    const told = (since: number, limit: number) => {
      const { changed, complete, more } = contactChanges(database, 'card', since, limit)
      return { ids: changed.map(({ id }) => id), complete, more }
    }
    assert.deepEqual(told(start.after, 10), { ids: [2, 1], complete: true, more: false })
    assert.deepEqual(told(start.after, 1), { ids: [2], complete: true, more: true })
    assert.deepEqual(told(first.cards.after, 10), { ids: [1], complete: true, more: false })
    assert.equal(told(0, 10).complete, false)
    for (let n = 0; n < contactsGoneKept; n++) noteGone(database, 'card', 1000 + n, 1000 + n)
    const floor = pruneContactsGone(database, contactsGoneKept)
    assert.equal(floor, first.cards.after + 1)
    assert.equal(readContactsGone(database, 'card', 0, 10)[0]?.id, 1000)
  }))
