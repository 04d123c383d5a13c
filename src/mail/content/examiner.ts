/**
 * Examines messages in the judging thread. A message that ends the thread, or takes too long, takes others with it that did nothing:
 * each of them is tried once more by itself, and whatever ends the thread then is not tried again.
 */
import type { Log } from '#base/log.ts'
import { ownBytes } from '#base/bytes.ts'
import { maxExaminedBytes } from '#formats/content/limits.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { ContentStore, Judged } from '#store/content/content-store.ts'
import { boundedWork } from '../passwords/bounded-work.ts'
import { readHead } from '../receive/cut-source.ts'
import { examinedAtOnce, examineMs, maxWaitingExaminations, rememberedKeys, startMs } from './limits.ts'

export type Examined = Extract<Judged, { missing: false }>

export type ToExamine = {
  readonly account: string
  /** Names the message */
  readonly key: string
  readonly message: MessageSource
  readonly receivedAt: number
  readonly shorteners: readonly string[]
}

export class Examiner {
  readonly #store: ContentStore
  readonly #careful: ContentStore
  readonly #log: Log
  readonly #limitMs: number
  /** Sent to the thread that runs now; the oldest first */
  readonly #sent = new Set<string>()
  readonly #together = boundedWork({ atOnce: examinedAtOnce, maxWaiting: maxWaitingExaminations })
  readonly #alone = boundedWork({ atOnce: 1, maxWaiting: maxWaitingExaminations })

  /** `careful`: another thread of the same kind, for one message at a time; `limitMs`: of one message. */
  constructor(store: ContentStore, careful: ContentStore, log: Log, limitMs = examineMs) {
    this.#store = store
    this.#careful = careful
    this.#log = log
    this.#limitMs = limitMs
  }

  /** So that the first message does not wait for the thread. */
  warmUp(): void {
    this.#store.judgingReady().catch(() => undefined)
  }

  /** Undefined: it cannot be examined. */
  async examine(what: ToExamine): Promise<Examined | undefined> {
    const first = await this.#together
      .run(() => this.#attempt(this.#store, what, true), startMs + 2 * this.#limitMs)
      .catch(asFailure)
    if ('missing' in first) return first
    this.#log.warn('A message could not be examined and is tried once more by itself', { error: first.failure })
    const second = await this.#alone
      .run(() => this.#attempt(this.#careful, what, false), startMs + 4 * this.#limitMs)
      .catch(asFailure)
    if ('missing' in second) return second
    this.#log.error('A message cannot be examined; it is delivered unjudged', { key: what.key, error: second.failure })
    return undefined
  }

  async #attempt(store: ContentStore, what: ToExamine, shared: boolean): Promise<Examined> {
    const { account, key } = what
    await store.judgingReady()
    if (shared && this.#sent.has(key)) {
      const judged = await this.#inTime(store, store.judge({ account, key, message: undefined }))
      if (!judged.missing) return judged
    }
    const { receivedAt, shorteners } = what
    const bytes = ownBytes(await readHead(what.message, maxExaminedBytes))
    if (shared) this.#remember(key)
    try {
      const judged = await this.#inTime(
        store,
        store.judge({ account, key, message: { bytes, receivedAt, shorteners } }),
      )
      if (judged.missing) throw new Error('The thread lost a message')
      return judged
    } catch (error) {
      if (shared) this.#sent.clear()
      throw error
    }
  }

  /** What takes too long ends the thread: nothing else stops it. */
  async #inTime(store: ContentStore, judging: Promise<Judged>): Promise<Judged> {
    const late = setTimeout(() => store.stopJudging(), this.#limitMs)
    try {
      return await judging
    } finally {
      clearTimeout(late)
    }
  }

  #remember(key: string): void {
    this.#sent.delete(key)
    this.#sent.add(key)
    const [oldest] = this.#sent
    if (this.#sent.size > rememberedKeys && oldest !== undefined) this.#sent.delete(oldest)
  }
}

function asFailure(error: unknown): { readonly failure: string } {
  return { failure: error instanceof Error ? error.message : String(error) }
}
