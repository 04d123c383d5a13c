/**
 * Full-text search of accounts. The index follows each account at a distance, on its own thread; a search asks it first and then
 * reads whatever it does not decide, the letters it has not seen among them: answers are exact however far behind it is, and
 * also when there is none.
 */
import type { Log } from '#base/log.ts'
import { undecided } from '#formats/search/segment.ts'
import type { SearchTerm } from '#formats/search/term.ts'
import { countIn } from '#store/account/message-runs.ts'
import type { AccountNotice } from '#store/account/operations.ts'
import { gone, openSearchStore, type SearchStore } from '#store/search/search-store.ts'
import { ThreadFailure } from '#store/thread.ts'
import { AccountTurns, type Turn } from './account-turns.ts'
import { DocumentTexts } from './document-texts.ts'
import {
  carefulLetters,
  eagerLetters,
  indexCalmMs,
  indexLatestMs,
  indexQuietMs,
  indexRetryMs,
  indexTickMs,
  lettersPerRead,
  termsPerCall,
} from './search-limits.ts'

/** The letter is gone: it is in no answer. Beside the states of formats/search/segment.ts. */
export const goneState = gone

/** A state for each email asked about */
export type TextColumn = Uint8Array

/** What the index still has to do. */
export type SearchLag = {
  readonly accounts: number
  /** At most */
  readonly emails: number
  /** Emails whose attached documents have not been read: they are not found by what stands in those */
  readonly documents: number
}

/** Of one account; as above */
export type AccountLag = Omit<SearchLag, 'accounts'>

export type SearchUpkeep = {
  lagOf(account: string): Promise<AccountLag>
  /** From nothing. Searches are exact meanwhile, by reading letters */
  rebuild(account: string): Promise<void>
}

type Due = Turn & {
  behind: number
  /** Monotonic milliseconds: the first news that no batch has taken */
  since: number
  failures: number
  /** So many letters are taken one by one: among them is one that failed */
  careful: number
  /** The index wants tidying up, which waits until no letters come */
  untidy: boolean
}

export class SearchIndex implements SearchUpkeep {
  readonly #store: SearchStore
  readonly #log: Log
  readonly #documents: DocumentTexts
  readonly #mayWrite: () => boolean
  readonly #turns = new AccountTurns<Due>(indexTickMs, (account, entry) => this.#advance(account, entry))

  /** `mayWrite`: the disk has room for what is no mail */
  constructor(folder: string, log: Log, mayWrite: () => boolean) {
    this.#mayWrite = mayWrite
    this.#store = openSearchStore(folder)
    this.#log = log
    this.#documents = new DocumentTexts(this.#store, log, mayWrite)
  }

  get lag(): SearchLag {
    let emails = 0
    for (const { behind } of this.#turns.due.values()) emails += behind
    const accounts = [...this.#turns.due.values()].filter(({ untidy }) => !untidy).length
    return { accounts, emails, documents: this.#documents.waiting }
  }

  /** As of a look at the index */
  async lagOf(account: string): Promise<AccountLag> {
    const { behind, waiting, reset } = await this.#store.index('advance', { account, maxLetters: 1 })
    if (reset) await this.#store.closeSearch(account)
    this.#documents.look(account, waiting)
    if (behind > 0) this.look(account)
    return { emails: behind, documents: waiting }
  }

  /** A commit: letters that came are indexed, those that went are forgotten. */
  noticed({ account, events }: AccountNotice): void {
    let added = 0
    let removed = false
    for (const { kind, runs } of events) {
      if (kind === 'added') added += countIn(runs)
      if (kind === 'removed') removed = true
    }
    if (added > 0 || removed) this.look(account, added)
  }

  /** The account may have letters that are not indexed; `added` of them are news. */
  look(account: string, added = 0): void {
    const now = performance.now()
    const entry = this.#turns.due.get(account) ?? {
      behind: 0,
      since: now,
      at: Infinity,
      failures: 0,
      careful: 0,
      untidy: false,
    }
    entry.behind += added
    entry.untidy = false
    if (entry.since === Infinity) entry.since = now
    // after a burst has ended, but not later than a large or a long one asks for
    const latest = Math.min(now + indexQuietMs, entry.since + indexLatestMs)
    if (entry.failures === 0) entry.at = entry.behind >= eagerLetters ? Math.min(entry.at, now) : latest
    this.#turns.due.set(account, entry)
    this.#turns.wake()
  }

  /** One batch of one account; the others have their turns before it goes on. */
  async #advance(account: string, entry: Due): Promise<void> {
    const before = entry.behind
    if (!this.#mayWrite()) return void (entry.at = performance.now() + indexRetryMs)
    entry.at = Infinity
    entry.since = Infinity
    try {
      // what has failed is tried again letter by letter, so that what comes before the bad one is indexed
      const input = entry.careful-- > 0 ? { account, maxLetters: 1 } : { account, busy: before > 0 }
      const { behind, waiting, more, untidy, reset } = await this.#store.index('advance', input)
      this.#documents.look(account, waiting)
      if (reset) await this.#store.closeSearch(account)
      const news = entry.behind - before
      entry.behind = behind + news
      entry.failures = 0
      if (more) entry.at = Math.min(entry.at, performance.now())
      else if (news === 0 && entry.at === Infinity) this.#leave(account, entry, untidy)
      else entry.at = Math.min(entry.at, performance.now() + indexQuietMs)
    } catch (error) {
      this.#failed(account, entry, error)
    }
  }

  /** Everything is indexed. */
  #leave(account: string, entry: Due, untidy: boolean): void {
    entry.untidy = untidy
    if (untidy) entry.at = performance.now() + indexCalmMs
    else this.#turns.due.delete(account)
  }

  #failed(account: string, entry: Due, error: unknown): void {
    if (error instanceof ThreadFailure && error.code === 'NO_ACCOUNT') return void this.#turns.due.delete(account)
    entry.failures++
    entry.careful = carefulLetters
    entry.at = performance.now() + indexRetryMs * Math.min(entry.failures, 60)
    this.#log.warn('The search index could not be brought up to date; searches read letters instead', {
      account,
      error: String(error),
    })
  }

  /** Resolves when everything that is in the account now has been indexed, documents attached to it included. */
  async catchUp(account: string): Promise<void> {
    for (;;) {
      const { more, reset } = await this.#store.index('advance', { account })
      if (reset) await this.#store.closeSearch(account)
      if (!more) break
    }
    this.#turns.due.delete(account)
    while ((await this.#documents.readNext(account)) > 0);
    this.#documents.forget(account)
  }

  /**
   * For each term what the index says of each of these emails: noMatch, match, or undecided.
   */
  async narrow(account: string, terms: readonly SearchTerm[], emails: Float64Array): Promise<readonly TextColumn[]> {
    try {
      const columns: TextColumn[] = []
      for (let from = 0; from < terms.length; from += termsPerCall) {
        const input = { account, terms: terms.slice(from, from + termsPerCall), emails: emails.slice() }
        const part = await this.#store.search('narrow', input)
        if (part.damaged) {
          this.#log.warn('The search index is damaged and is built anew', { account })
          await this.rebuild(account)
        }
        columns.push(...part.columns)
      }
      return columns
    } catch (error) {
      if (this.#turns.closing) throw error
      this.#log.warn('The search index gives no answer; letters are read instead', { account, error: String(error) })
      return terms.map(() => new Uint8Array(emails.length).fill(undecided))
    }
  }

  async rebuild(account: string): Promise<void> {
    await this.#store.closeSearch(account)
    await this.#store.index('discard', { account })
    this.look(account)
  }

  /** The same by reading the letters: noMatch, match, or gone. In slices: others have their turns in between. */
  async read(
    account: string,
    terms: readonly SearchTerm[],
    emails: Float64Array,
    signal?: AbortSignal,
  ): Promise<readonly TextColumn[]> {
    const columns = terms.map(() => new Uint8Array(emails.length))
    for (let from = 0; from < emails.length; ) {
      signal?.throwIfAborted()
      const slice = emails.slice(from, from + lettersPerRead)
      const part = await this.#store.search('read', { account, terms, emails: slice })
      for (const [index, column] of columns.entries())
        column.set(part.columns[index]?.subarray(0, part.done) ?? [], from)
      from += part.done
    }
    return columns
  }

  /** The message ids in each letter's References, read by the searching thread. */
  async references(
    account: string,
    emails: Float64Array,
    signal?: AbortSignal,
  ): Promise<readonly (readonly string[])[]> {
    const ids: (readonly string[])[] = []
    while (ids.length < emails.length) {
      signal?.throwIfAborted()
      const slice = emails.slice(ids.length, ids.length + lettersPerRead)
      ids.push(...(await this.#store.search('references', { account, emails: slice })).ids)
    }
    return ids
  }

  /** The beginning of each letter's text, read by the searching thread; undefined where it is gone. */
  async previews(
    account: string,
    emails: Float64Array,
    signal?: AbortSignal,
  ): Promise<readonly (string | undefined)[]> {
    const previews: (string | undefined)[] = []
    while (previews.length < emails.length) {
      signal?.throwIfAborted()
      const slice = emails.slice(previews.length, previews.length + lettersPerRead)
      previews.push(...(await this.#store.search('previews', { account, emails: slice })).previews)
    }
    return previews
  }

  /** The account is to be removed: its files are closed and not opened again for what is known so far. */
  async forget(account: string): Promise<void> {
    this.#turns.due.delete(account)
    this.#documents.forget(account)
    await this.#store.close(account)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns[Symbol.asyncDispose]()
    await this.#documents[Symbol.asyncDispose]()
    await this.#store[Symbol.asyncDispose]()
  }
}
