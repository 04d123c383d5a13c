/**
 * The conversations of a mailbox or a search, one email standing for each. There may be a hundred thousand of them: they are known by windows around
 * what is looked at, and the rest are places without a name.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Id, JsonObject, QueryChangesResponse } from '#protocols/jmap/wire.ts'
import { type Answers, type Batch, type Call } from '../jmap/batch.ts'
import { type Client } from '../jmap/client.ts'
import { MethodFault } from '../jmap/fault.ts'
import { keptQueryState } from './away.ts'
import { type EmailRow, type Emails, rowProperties } from './emails.ts'
import { Places, windowSize } from './places.ts'

const maxChanges = 500
/** Rows that are asked for before anything is known, and in one request at most: multiples of windowSize */
const firstSize = 50
const maxPart = 100

export type ListQuery = {
  readonly filter: JsonObject
  /** The mailbox that is looked at; undefined for a search through all */
  readonly mailbox: Id | undefined
}

/** Places from `from` up to and without `to`, whole windows */
type Part = { readonly from: number; readonly to: number }

export type ListState = 'loading' | 'ready' | 'failed'

const sort = [{ property: 'receivedAt', isAscending: false }]

export class MessageList {
  readonly query: ListQuery
  readonly state: Signal<ListState> = signal('loading')
  readonly #client: Client
  readonly #emails: Emails
  readonly #places: Signal<Places> = signal(Places.none)
  readonly #hidden: Signal<ReadonlySet<Id>> = signal(new Set())
  #queryState: string | undefined
  #wanted: readonly [from: number, to: number] = [0, firstSize]
  #loading: Promise<void> = Promise.resolve()
  #isLoading = false

  /** In order; undefined: not known yet */
  readonly ids: ReadonlySignal<readonly (Id | undefined)[]> = computed(() => {
    const { ids } = this.#places.value
    const hidden = this.#hidden.value
    if (hidden.size === 0) return ids
    return ids.filter(id => id === undefined || !hidden.has(id))
  })
  readonly total: ReadonlySignal<number> = computed(() => this.ids.value.length)

  constructor(client: Client, emails: Emails, query: ListQuery) {
    this.#client = client
    this.#emails = emails
    this.query = query
  }

  /** What is looked at now: it is loaded if it is not there. */
  want(from: number, to: number): Promise<void> {
    const shift = this.#hidden.peek().size
    this.#wanted = [from, to + shift]
    // whoever is loading looks at what is wanted before it ends
    if (!this.#isLoading) this.#loading = this.#load()
    return this.#loading
  }

  /** Nobody answers: it is made of what is kept in this browser */
  readonly isOfKept: Signal<boolean> = signal(false)

  /** Conversations for which one of these stands are not shown until what it returns is called. */
  hide(emails: readonly Id[]): () => void {
    this.#hidden.value = new Set([...this.#hidden.peek(), ...emails])
    return () => {
      const left = new Set(this.#hidden.peek())
      for (const email of emails) left.delete(email)
      this.#hidden.value = left
    }
  }

  /** A call that asks what has changed; its answer is given to `changed`. Undefined while nothing was read yet. */
  askChanges(calls: Batch): Call<'Email/queryChanges'> | undefined {
    if (this.#queryState === undefined) return undefined
    const { filter } = this.query
    return calls.call('Email/queryChanges', {
      filter,
      sort,
      collapseThreads: true,
      sinceQueryState: this.#queryState,
      maxChanges,
      calculateTotal: true,
    })
  }

  async changed(answers: Answers, call: Call<'Email/queryChanges'> | undefined): Promise<void> {
    if (!call) return
    let changes: QueryChangesResponse
    try {
      changes = answers.of(call)
    } catch (error) {
      if (!(error instanceof MethodFault)) throw error
      return this.reload()
    }
    if (changes.oldQueryState !== this.#queryState) return
    this.#queryState = changes.newQueryState
    const places = this.#places.peek()
    // a place that does not move is not worth a new array of a hundred thousand
    if (changes.removed.length > 0 || changes.added.length > 0) this.#places.value = places.changed(changes)
    await this.#complete(changes.added.map(({ id }) => id))
    await this.want(...this.#wanted)
  }

  /** All is asked for anew; what was shown stays until the answer is here. */
  async reload(): Promise<void> {
    this.#queryState = undefined
    this.#places.value = this.#places.peek().doubted()
    await this.want(...this.#wanted)
  }

  async #load(): Promise<void> {
    this.#isLoading = true
    try {
      for (;;) {
        const missing = this.#missing()
        if (missing === undefined) return void (this.state.value = 'ready')
        if (!(await this.#loadPart(missing))) return void (this.state.value = 'ready')
      }
    } catch (error) {
      this.state.value = 'failed'
      throw error
    } finally {
      this.#isLoading = false
    }
  }

  /** The windows of those that are wanted which are not whole, from the first of them to the last. */
  #missing(): Part | undefined {
    const [from, to] = this.#wanted
    if (this.#queryState === undefined) return { from: windowStart(from), to: windowStart(from) + firstSize }
    const places = this.#places.peek()
    const isMissing = (at: number) => {
      const id = places.ids[at]
      return id === undefined || !places.isSure(at) || !this.#emails.has(id)
    }
    let part: Part | undefined
    for (let at = Math.max(0, from); at < Math.min(to, places.ids.length); at++)
      if (isMissing(at)) part = { from: part?.from ?? windowStart(at), to: windowStart(at) + windowSize }
    return part && { ...part, to: Math.min(part.to, part.from + maxPart) }
  }

  /** False: there is nothing more. */
  async #loadPart({ from: position, to }: Part): Promise<boolean> {
    const calls = this.#client.batch()
    const { filter } = this.query
    const query = calls.call('Email/query', {
      filter,
      sort,
      collapseThreads: true,
      position,
      limit: to - position,
      calculateTotal: true,
    })
    const rows = askConversations(calls, query.result('/ids'))
    const answers = await this.#client.send(calls)
    const found = answers.of(query)
    const isOther = this.#queryState !== undefined && this.#queryState !== found.queryState
    await this.#take(answers, rows)
    batch(() => {
      // what is known of other windows is of an older state: it is shown, and asked for again when it is looked at
      const places = isOther ? this.#places.peek().doubted() : this.#places.peek()
      this.#places.value = places.filled(found.position, found.ids, found.total ?? found.ids.length)
      this.#queryState = found.queryState
      this.isOfKept.value = found.queryState === keptQueryState
    })
    return found.ids.length > 0
  }

  /** The rows of emails that came into the list. */
  async #complete(ids: readonly Id[]): Promise<void> {
    const unknown = ids.filter(id => !this.#emails.has(id)).slice(0, maxPart)
    if (unknown.length === 0) return
    const calls = this.#client.batch()
    const rows = askConversations(calls, unknown)
    await this.#take(await this.#client.send(calls), rows)
  }

  async #take(answers: Answers, { threads, emails }: AskedConversations): Promise<void> {
    const found = answers.of(threads).list
    if (answers.fault(emails) === 'requestTooLarge') await this.#takeInPieces(found.flatMap(({ emailIds }) => emailIds))
    else this.#emails.put(answers.of(emails).list as readonly EmailRow[])
    this.#emails.putThreads(found)
  }

  /** Fifty conversations of which some are long. */
  async #takeInPieces(ids: readonly Id[]): Promise<void> {
    const size = this.#client.limits.maxObjectsInGet
    for (let at = 0; at < ids.length; at += size) {
      const calls = this.#client.batch()
      const get = calls.call('Email/get', { ids: ids.slice(at, at + size), properties: rowProperties })
      this.#emails.put((await this.#client.send(calls)).of(get).list as readonly EmailRow[])
    }
  }
}

function windowStart(at: number): number {
  return Math.max(0, at - (at % windowSize))
}

type AskedConversations = { readonly threads: Call<'Thread/get'>; readonly emails: Call<'Email/get'> }

/** The emails' threads, and all that lists show of the emails in them. `ids`: themselves, or where they come from */
function askConversations(calls: Batch, ids: readonly Id[] | object): AskedConversations {
  const first = calls.call('Email/get', { [Array.isArray(ids) ? 'ids' : '#ids']: ids, properties: ['threadId'] })
  const threads = calls.call('Thread/get', { '#ids': first.result('/list/*/threadId') })
  const emails = calls.call('Email/get', { '#ids': threads.result('/list/*/emailIds'), properties: rowProperties })
  return { threads, emails }
}
