/**
 * SEARCH over the selected mailbox, the cheap before the dear: the packed view, the search index, the letters themselves. Each stage takes the messages that are still undecided; every one of them is decided in the end.
 */
import { match, noMatch, undecided } from '#formats/search/segment.ts'
import type { SearchTerm } from '#formats/search/term.ts'
import { goneState } from '#mail/search-index.ts'
import { searchSlice } from '../limits.ts'
import type { Peer } from '../peer.ts'
import { no, Refused } from '../reply.ts'
import type { Selected } from '../session.ts'
import type { SearchRequest } from '../syntax/request.ts'
import { decoderFor } from './charset.ts'
import { evaluate, type Messages } from './evaluate.ts'
import { compileKey, type CompiledKey } from './key.ts'
import { readThreads } from './threads.ts'

/** Indexes of the view, ascending. */
export type Found = readonly number[]

/** `request`: SEARCH, or what begins with a search; `among`: indexes of the view, ascending, when not all messages are looked at. */
export async function searchMailbox(
  request: Pick<SearchRequest, 'charset' | 'key'>,
  session: Selected,
  peer: Peer,
  among?: Uint32Array,
): Promise<Found> {
  const decode = decoderFor(request.charset ?? 'US-ASCII')
  if (!decode) throw new Refused(no('BADCHARSET (US-ASCII UTF-8)', 'This charset is not supported'))
  const threads = await readThreads(request.key, session.account)
  const terms: SearchTerm[] = []
  const key = compileKey(request.key, { selected: session.selected, decode, terms, threads })
  const search = new Search(key, terms, session, peer, among)
  // the view has nothing to say about a term alone
  if (key.kind !== 'term') await search.byView()
  if (terms.length > 0) await search.byIndex()
  if (mentions(key, 'saved')) await search.bySaveDate()
  if (mentions(key, 'arrived')) await search.byInternalDate()
  if (terms.length > 0) await search.byLetters()
  return search.found()
}

function mentions(key: CompiledKey, kind: CompiledKey['kind']): boolean {
  if (key.kind === 'not') return mentions(key.of, kind)
  if (key.kind === 'and' || key.kind === 'or') return key.of.some(inner => mentions(inner, kind))
  return key.kind === kind
}

type Known = Pick<Messages, 'columns'>

/** Where a message is gone there is no time. */
const goneTime = -Infinity

class Search {
  readonly #key: CompiledKey
  readonly #terms: readonly SearchTerm[]
  readonly #session: Selected
  readonly #peer: Peer
  /** By index of the view */
  readonly #states: Uint8Array
  /** Indexes that are undecided, and what the index said of each */
  #open: Uint32Array
  readonly #total: number
  #columns: readonly Uint8Array[] = []
  /** By index of the view, once they are needed */
  #saved: Float64Array | undefined
  #arrived: Float64Array | undefined

  constructor(key: CompiledKey, terms: readonly SearchTerm[], session: Selected, peer: Peer, among?: Uint32Array) {
    this.#key = key
    this.#terms = terms
    this.#session = session
    this.#peer = peer
    const { length } = session.selected.view
    this.#states = new Uint8Array(length)
    this.#open = among ?? new Uint32Array(length)
    this.#total = this.#open.length
    if (!among) for (let index = 0; index < length; index++) this.#open[index] = index
  }

  found(): Found {
    const found: number[] = []
    for (let index = 0; index < this.#states.length; index++) if (this.#states[index] === match) found.push(index)
    return found
  }

  byView(): Promise<void> {
    return this.#stage(searchSlice, () => ({}))
  }

  async byIndex(): Promise<void> {
    if (this.#open.length === 0) return
    this.#columns = await this.#session.account.narrow(this.#terms, this.#emails(this.#open))
    await this.#stage(searchSlice, (_, columns) => ({ columns }))
  }

  bySaveDate(): Promise<void> {
    const { account, selected } = this.#session
    this.#saved = this.#noTimes()
    return this.#byTime(this.#saved, indexes => {
      const uids = indexes.map(index => selected.view.uid(index))
      return account.saveDates(selected.mailbox.id, uids)
    })
  }

  byInternalDate(): Promise<void> {
    const { account, selected } = this.#session
    this.#arrived = this.#noTimes()
    return this.#byTime(this.#arrived, indexes =>
      account.internalDates(indexes.map(index => selected.view.emailId(index))),
    )
  }

  #noTimes(): Float64Array {
    return new Float64Array(this.#session.selected.view.length).fill(NaN)
  }

  #byTime(
    times: Float64Array,
    read: (indexes: readonly number[]) => Promise<readonly (number | undefined)[]>,
  ): Promise<void> {
    return this.#stage(searchSlice, async (indexes, columns) => {
      const found = await read([...indexes])
      for (const [at, index] of indexes.entries()) times[index] = found[at] ?? goneTime
      return { columns }
    })
  }

  byLetters(): Promise<void> {
    const { account } = this.#session
    return this.#stage(searchSlice, async indexes => ({
      columns: await account.readTerms(this.#terms, this.#emails(indexes), this.#peer.signal),
    }))
  }

  /** Evaluates what is open with what `learn` gives, slice by slice; what stays undecided is open afterwards. */
  async #stage(
    size: number,
    learn: (indexes: Uint32Array, columns: readonly Uint8Array[]) => Known | Promise<Known>,
  ): Promise<void> {
    const open = this.#open
    const before = this.#columns
    const left = new Uint32Array(open.length)
    let count = 0
    for (let from = 0; from < open.length; from += size) {
      const indexes = open.subarray(from, from + size)
      const known = await learn(
        indexes,
        before.map(column => column.subarray(from, from + size)),
      )
      const states = this.#evaluate(indexes, known)
      for (let at = 0; at < states.length; at++) if (states[at] === undecided) left[count++] = from + at
      this.#peer.progress.reach(this.#total - open.length + from + indexes.length - count, this.#total)
      if (this.#peer.output.isFull) await this.#peer.output.room()
    }
    if (count === open.length) return
    this.#open = new Uint32Array(count)
    for (let at = 0; at < count; at++) this.#open[at] = open[left[at] ?? 0] ?? 0
    this.#columns = before.map(column => {
      const kept = new Uint8Array(count)
      for (let at = 0; at < count; at++) kept[at] = column[left[at] ?? 0] ?? undecided
      return kept
    })
  }

  #evaluate(indexes: Uint32Array, known: Known): Uint8Array {
    const states = evaluate(this.#key, {
      view: this.#session.selected.view,
      indexes,
      saved: this.#saved,
      arrived: this.#arrived,
      ...known,
    })
    for (let at = 0; at < states.length; at++) {
      // gone since the view was taken: it is in no answer, not even in that of NOT
      const index = indexes[at] ?? 0
      const isGone = this.#saved?.[index] === goneTime || this.#arrived?.[index] === goneTime
      if (isGone || known.columns?.[0]?.[at] === goneState) states[at] = noMatch
      this.#states[index] = states[at] ?? noMatch
    }
    return states
  }

  #emails(indexes: Uint32Array): Float64Array<ArrayBuffer> {
    const { view } = this.#session.selected
    const emails = new Float64Array(indexes.length)
    for (let at = 0; at < indexes.length; at++) emails[at] = view.emailId(indexes[at] ?? 0)
    return emails
  }
}
