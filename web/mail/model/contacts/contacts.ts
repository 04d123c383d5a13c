/** The account's contacts, all of them: read once when somebody wants them, followed from then on. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { AddressBook, ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { GetResponse, Id, SetError } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import { Refused } from '../refused.ts'
import { Rounds } from '../rounds.ts'
import { displayName, isGroup } from './facts.ts'

/** What is made of a form or a file: `id` and books are the server's and ours */
export type NewCard = Omit<ContactCard, 'id' | 'addressBookIds'>
export type CardPatch = { readonly [property: string]: unknown }

export type SetOutcome = {
  readonly created: ReadonlyMap<string, Id>
  readonly refused: ReadonlyMap<string, SetError>
}

const pageSize = 500
const maxChanges = 200
const maxRounds = 10

export class Contacts {
  readonly state: Signal<'loading' | 'ready' | 'failed'> = signal('loading')
  readonly books: Signal<readonly AddressBook[]> = signal([])
  readonly #told: Signal<ReadonlyMap<Id, ContactCard>> = signal(new Map())
  /** They are about to be deleted, and can be taken back */
  readonly #hidden: Signal<ReadonlySet<Id>> = signal(new Set())
  readonly #client: Client
  #cardState: string | undefined
  #bookState: string | undefined
  #loading: Promise<void> | undefined
  readonly #rounds: Rounds
  readonly #leaving = new Set<() => Promise<void>>()

  readonly all: ReadonlySignal<readonly ContactCard[]> = computed(() =>
    [...this.#told.value.values()].filter(({ id }) => !this.#hidden.value.has(id)),
  )
  readonly people: ReadonlySignal<readonly ContactCard[]> = computed(() =>
    this.all.value.filter(card => !isGroup(card)),
  )
  readonly groups: ReadonlySignal<readonly ContactCard[]> = computed(() =>
    this.all.value.filter(isGroup).toSorted((a, b) => collator.compare(displayName(a), displayName(b))),
  )
  readonly byUid: ReadonlySignal<ReadonlyMap<string, ContactCard>> = computed(
    () => new Map(this.all.value.map(card => [card.uid, card])),
  )

  constructor(client: Client) {
    this.#client = client
    this.#rounds = new Rounds({ round: () => this.#roundOrAll(), most: maxRounds, anew: () => this.#readAll() })
  }

  /** Reactive; undefined: not there (any more). */
  get(id: Id): ContactCard | undefined {
    return this.#hidden.value.has(id) ? undefined : this.#told.value.get(id)
  }

  membersOf(group: ContactCard): readonly ContactCard[] {
    return Object.keys(group.members ?? {}).flatMap(uid => this.byUid.value.get(uid) ?? [])
  }

  groupsOf({ uid }: ContactCard): readonly ContactCard[] {
    return this.groups.value.filter(group => group.members?.[uid] === true)
  }

  withAddress(email: string): ContactCard | undefined {
    const wanted = email.toLowerCase()
    return this.all.value.find(card =>
      Object.values(card.emails ?? {}).some(({ address }) => address.toLowerCase() === wanted),
    )
  }

  /** Once, unless it has failed. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch(() => {
      this.#loading = undefined
      this.state.value = 'failed'
    })
    return this.#loading
  }

  async #load(): Promise<void> {
    if (await this.#readAll()) await this.now()
  }

  /** True: it came in several answers, and something may have changed between them. */
  async #readAll(): Promise<boolean> {
    if (this.state.peek() === 'failed') this.state.value = 'loading'
    const found = new Map<Id, ContactCard>()
    let state: string | undefined
    for (let position = 0; ; ) {
      const calls = this.#client.batch()
      const books = calls.call('AddressBook/get', { ids: null })
      const query = calls.call('ContactCard/query', { position, limit: pageSize })
      const get = calls.call('ContactCard/get', { '#ids': query.result('/ids') })
      const answers = await this.#client.send(calls)
      const told = answers.of(get)
      for (const card of told.list) found.set(card.id, card)
      // what changes while we read is told again by the changes since the first answer
      state ??= told.state
      this.#putBooks(answers.of(books))
      const { ids } = answers.of(query)
      position += ids.length
      if (ids.length < pageSize) break
    }
    this.#told.value = found
    this.#cardState = state
    this.state.value = 'ready'
    return found.size >= pageSize
  }

  #putBooks({ state, list }: GetResponse<AddressBook>): void {
    this.#bookState = state
    this.books.value = list
  }

  /** The server has other states than ours? Without states: it may have, after a time without news. */
  hear(states: Readonly<Record<string, string>> | undefined): void {
    if (this.#cardState === undefined) return
    const { ContactCard: cards, AddressBook: books } = states ?? {}
    const isNews =
      (cards !== undefined && cards !== this.#cardState) || (books !== undefined && books !== this.#bookState)
    if (states === undefined || isNews) this.now().catch(() => undefined)
  }

  /** Resolves when all that was true at the call is known. */
  now(): Promise<void> {
    return this.#rounds.now()
  }

  /** Where the server cannot say what has changed, all is read. */
  async #roundOrAll(): Promise<boolean> {
    try {
      return await this.#round()
    } catch (error) {
      if (!(error instanceof MethodFault)) throw error
      return await this.#readAll()
    }
  }

  /** True: there is more. */
  async #round(): Promise<boolean> {
    const calls = this.#client.batch()
    const books = calls.call('AddressBook/get', { ids: null })
    const changes = calls.call('ContactCard/changes', { sinceState: this.#cardState, maxChanges })
    const created = calls.call('ContactCard/get', { '#ids': changes.result('/created') })
    const updated = calls.call('ContactCard/get', { '#ids': changes.result('/updated') })
    const answers = await this.#client.send(calls)
    const { newState, hasMoreChanges, destroyed } = answers.of(changes)
    const news = [...answers.of(created).list, ...answers.of(updated).list]
    if (news.length > 0 || destroyed.length > 0) {
      const next = new Map(this.#told.peek())
      for (const card of news) next.set(card.id, card)
      for (const id of destroyed) next.delete(id)
      this.#told.value = next
    }
    this.#putBooks(answers.of(books))
    this.#cardState = newState
    return hasMoreChanges
  }

  /** Cards by keys of the caller's; into the default book. */
  async set(given: {
    readonly create?: ReadonlyMap<string, NewCard>
    readonly update?: ReadonlyMap<Id, CardPatch>
    readonly destroy?: readonly Id[]
  }): Promise<SetOutcome> {
    const book = this.books.peek().find(({ isDefault }) => isDefault) ?? this.books.peek()[0]
    const addressBookIds = book ? { [book.id]: true } : {}
    const create = [...(given.create ?? [])].map(([key, card]) => [key, { ...card, addressBookIds }] as const)
    const calls = this.#client.batch()
    const call = calls.call('ContactCard/set', {
      ...(create.length > 0 && { create: Object.fromEntries(create) }),
      ...(given.update && { update: Object.fromEntries(given.update) }),
      ...(given.destroy && { destroy: given.destroy }),
    })
    const told = (await this.#client.send(calls, { again: create.length === 0 })).of(call)
    await this.now().catch(() => undefined)
    return {
      created: new Map(
        Object.entries(told.created ?? {}).flatMap(([key, { id }]) => (id === undefined ? [] : [[key, id]])),
      ),
      refused: new Map(Object.entries({ ...told.notCreated, ...told.notUpdated, ...told.notDestroyed })),
    }
  }

  /** Throws where the server refuses it. */
  async create(card: NewCard): Promise<Id> {
    const { created, refused } = await this.set({ create: new Map([['card', card]]) })
    const [id, error] = [created.get('card'), refused.get('card')]
    if (error) throw new Refused(error)
    if (id === undefined) throw new Error('The server tells nothing of the card')
    return id
  }

  async update(id: Id, patch: CardPatch): Promise<void> {
    const { refused } = await this.set({ update: new Map([[id, patch]]) })
    const error = refused.get(id)
    if (error) throw new Refused(error)
  }

  setMembers(group: ContactCard, uids: Iterable<string>): Promise<void> {
    return this.update(group.id, { members: Object.fromEntries([...uids].map(uid => [uid, true])) })
  }

  addMembers(group: ContactCard, cards: readonly ContactCard[]): Promise<void> {
    const uids = cards.filter(card => !isGroup(card)).map(({ uid }) => uid)
    return this.setMembers(group, new Set([...Object.keys(group.members ?? {}), ...uids]))
  }

  removeMembers(group: ContactCard, cards: readonly ContactCard[]): Promise<void> {
    const gone = new Set(cards.map(({ uid }) => uid))
    return this.setMembers(
      group,
      Object.keys(group.members ?? {}).filter(uid => !gone.has(uid)),
    )
  }

  /** They are gone from sight now, and for good after this time, unless it is taken back. `onFailed`: they are here again. */
  destroyLater(ids: readonly Id[], afterMs: number, onFailed: () => void): () => void {
    this.#hidden.value = new Set([...this.#hidden.peek(), ...ids])
    const show = () => (this.#hidden.value = new Set([...this.#hidden.peek()].filter(id => !ids.includes(id))))
    const act = async () => {
      clearTimeout(timer)
      if (!this.#leaving.delete(act)) return
      try {
        for (let at = 0; at < ids.length; at += pageSize) {
          const { refused } = await this.set({ destroy: ids.slice(at, at + pageSize) })
          if ([...refused.values()].some(({ type }) => type !== 'notFound')) onFailed()
        }
      } catch {
        onFailed()
      }
      show()
    }
    const timer = setTimeout(() => void act(), afterMs)
    this.#leaving.add(act)
    return () => {
      clearTimeout(timer)
      if (this.#leaving.delete(act)) show()
    }
  }

  /** The page goes away: what waits to be deleted is deleted. */
  async flush(): Promise<void> {
    await Promise.all([...this.#leaving].map(act => act()))
  }
}

const collator = new Intl.Collator(['ja', 'en'], { numeric: true })
