/**
 * The text of attached documents: an account's letters that wait for it are read one after the other, far behind everything else. Letters are found
 * by their own text without it; by their documents' as soon as that has been read.
 */
import type { Log } from '#base/log.ts'
import { maxDocumentUnits } from '#formats/documents/limits.ts'
import { DocumentReader } from '#store/search/document-reader.ts'
import type { SearchStore } from '#store/search/search-store.ts'
import { ThreadFailure } from '#store/thread.ts'
import { AccountTurns, type Turn } from './account-turns.ts'
import { documentTickMs, indexRetryMs } from './search-limits.ts'

type Due = Turn & { waiting: number }

export class DocumentTexts {
  readonly #store: SearchStore
  readonly #log: Log
  readonly #mayWrite: () => boolean
  readonly #reader = new DocumentReader()
  readonly #turns = new AccountTurns<Due>(documentTickMs, (account, entry) => this.#advance(account, entry))

  constructor(store: SearchStore, log: Log, mayWrite: () => boolean) {
    this.#store = store
    this.#log = log
    this.#mayWrite = mayWrite
  }

  /** Letters whose documents have not been read, of all accounts */
  get waiting(): number {
    let waiting = 0
    for (const entry of this.#turns.due.values()) waiting += entry.waiting
    return waiting
  }

  /** So many of the account's letters wait. */
  look(account: string, waiting: number): void {
    if (waiting === 0) return
    const entry = this.#turns.due.get(account) ?? { at: performance.now(), waiting }
    entry.waiting = waiting
    this.#turns.due.set(account, entry)
    this.#turns.wake()
  }

  /** One letter of one account */
  async #advance(account: string, entry: Due): Promise<void> {
    if (!this.#mayWrite()) return void (entry.at = performance.now() + indexRetryMs)
    entry.at = Infinity
    try {
      entry.waiting = await this.readNext(account)
      if (entry.waiting > 0) entry.at = performance.now()
      else this.#turns.due.delete(account)
    } catch (error) {
      if (error instanceof ThreadFailure && error.code === 'NO_ACCOUNT') return void this.#turns.due.delete(account)
      entry.at = performance.now() + indexRetryMs
      if (this.#turns.closing) return
      this.#log.warn('Attached documents cannot be read for searching', { account, error: String(error) })
    }
  }

  /** Reads the documents of the next letter: how many wait behind it. */
  async readNext(account: string): Promise<number> {
    const { next, waiting } = await this.#store.index('nextDocuments', { account })
    if (!next) return waiting
    const texts: string[] = []
    let units = 0
    for (const document of next.documents) {
      if (units >= maxDocumentUnits || this.#turns.closing) break
      const reading = await this.#reader.read(document, maxDocumentUnits - units)
      if (reading.failure !== undefined) {
        const facts = { account, email: next.email, octets: document.length, failure: reading.failure }
        this.#log.info('An attached document cannot be read for searching', facts)
        continue
      }
      texts.push(reading.text)
      units += reading.text.length
    }
    // cut off by the end of the program: begun again after the next start
    if (this.#turns.closing) return waiting
    return (await this.#store.index('keepDocuments', { account, email: next.email, text: texts.join('\n') })).waiting
  }

  forget(account: string): void {
    this.#turns.due.delete(account)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#turns[Symbol.asyncDispose]()
    this.#reader[Symbol.dispose]()
    await ended
  }
}
