/** The durable queue: what is in it survives anything, what left it never comes back. */
import { dirname } from 'node:path'
import { mkdir } from 'node:fs/promises'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import {
  finishedKeptMs,
  openQueueStore,
  type Progress,
  QueueRefusal,
  type QueueStore,
  type StoredEntry,
} from '#store/queue/queue-store.ts'
import type { Events } from '../events.ts'
import type { AccountId, DeliveryId } from '../ids.ts'
import type { Transport } from '../transport.ts'
import { Chores } from './chores.ts'
import type { Flow } from './fair-lines.ts'
import { Flows } from './flows.ts'
import type { PaceLimit } from './pace.ts'
import { type EntryContext, entryFacts, jobFacts } from './entries.ts'
import { EntryTable, type LiveEntry } from './entry-table.ts'
import { confirmDelayMs, maxEntries, maxUnconfirmedFinished, sweepIntervalMs, unconfirmedKeptMs } from './limits.ts'
import { recordAttempt, recordRemoval } from './attempt-events.ts'
import { holdPolicy, outboundPolicy, type QueuePolicy } from './policy.ts'
import { Pump } from './pump.ts'
import type { NewEntry, Queue, QueueChange, QueueEntry, Via } from './queue.ts'
import { newRow, shownEntry } from './rows.ts'
import { QueueWatchers, shownResult } from './watchers.ts'
import { sentCopyOf } from './sent-copy.ts'
import { dueReports, type QueuedMessage, queuedMessage, type QueueReport } from './report.ts'
import { type Confirmed, Unconfirmed } from './unconfirmed.ts'

export { QueueRefusal } from '#store/queue/queue-store.ts'

export type QueueOptions = {
  /** queue.db; its folder is made when it is not there */
  readonly file: string
  /** Bodies over 128 KiB; on the same file system */
  readonly spoolFolder: string
  readonly name: 'hold' | 'outbound'
  /** Recipients with the same answer travel in one attempt. Pure and quick: asked again at each start. */
  readonly destinationOf: (reversePath: string, recipient: string, via: Via | undefined) => string
  readonly transportFor: (destination: string, message: QueuedMessage) => Transport
  /** What the owner allows for one destination, where that is not the policy's; may change */
  readonly limitOf?: (destination: string) => Partial<PaceLimit> | undefined
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
  /** `holdPolicy` or `outboundPolicy` by name when absent; parts may be given */
  readonly policy?: Partial<QueuePolicy>
  /**
   * Somebody is to be told: called until it resolves, also after a crash, so its effect must have a deterministic id.
   * Absent: nobody is ever told.
   */
  readonly report?: (report: QueueReport) => Promise<void>
  /** Files the sender's copy under `id` (`<entry id>.sent`); may be called again with the same id after a crash. */
  readonly fileSentCopy?: (account: AccountId, id: string, message: MessageSource) => Promise<void>
  /** So many recipients of it were refused for good just now */
  readonly onFailed?: (message: QueuedMessage, recipients: number) => void
  /** What an entry becomes before it is written down: signed, for instance. Must not fail for what is in the message. */
  readonly prepare?: (entry: NewEntry) => Promise<NewEntry>
  /** New entries are refused while less than this is free */
  readonly diskReserveBytes: number
  readonly random?: () => number
}

export type OpenedQueue = Queue & {
  /** When the entry that waits longest was received, milliseconds since 1970 */
  readonly oldestAt: number | undefined
  /** Messages on their way to destinations that `isAsked` says yes to, once for each */
  waitingFor(isAsked: (destination: string) => boolean): number
  /** `destinationOf` answers differently now: everything is sorted anew, what is being tried once that is over. */
  reroute(): Promise<void>
}

export async function openQueue(options: QueueOptions): Promise<OpenedQueue> {
  await mkdir(dirname(options.file), { recursive: true, mode: 0o700 })
  await using scope = new AsyncDisposableStack()
  const store = scope.use(await openQueueStore({ ...options, monotonic: () => options.clock.monotonic() }))
  const queue = new DurableQueue(store, options)
  await queue.load()
  scope.move()
  return queue
}

const noFlow: Flow = { key: '', bulk: false }

class DurableQueue implements OpenedQueue {
  readonly #store: QueueStore
  readonly #options: QueueOptions
  readonly #policy: QueuePolicy
  readonly #table = new EntryTable()
  readonly #unconfirmed = new Unconfirmed()
  readonly #flows = new Flows()
  readonly #chores: Chores
  readonly #pump: Pump
  readonly #watchers: QueueWatchers
  readonly #sweeper: NodeJS.Timeout
  /** By number: their ways changed while they were being tried */
  readonly #toSort = new Set<number>()
  readonly #confirmed: Confirmed[] = []
  #confirmTimer: NodeJS.Timeout | undefined
  #nextNumber = 1
  #adding = 0
  #closed = false

  constructor(store: QueueStore, options: QueueOptions) {
    this.#store = store
    this.#options = options
    this.#policy = { ...(options.name === 'hold' ? holdPolicy : outboundPolicy), ...options.policy }
    this.#chores = new Chores(options.log)
    this.#watchers = new QueueWatchers(options.log)
    this.#pump = new Pump({
      ...options,
      store,
      table: this.#table,
      policy: this.#policy,
      random: options.random ?? Math.random,
      isConfirmed: id => this.isConfirmed(id),
      reports: options.report !== undefined,
      onResults: attempted => {
        recordAttempt(options.events, options.name, options.clock.now(), attempted)
        this.#watchers.tell({ id: attempted.message.id, results: attempted.results.map(shownResult) })
        if (attempted.tell) this.#tellLater(attempted.entry.number, attempted.message.id)
        const failed = attempted.results.filter(({ result }) => result?.status === 'failed').length
        if (failed > 0) options.onFailed?.(attempted.message, failed)
      },
      onLeft: (entry, id, progress) => this.#left(entry, id, progress),
      onTried: entry => {
        if (this.#toSort.has(entry.number) && !entry.isTrying) this.#sortLater(entry.number)
      },
    })
    this.#sweeper = setInterval(() => this.#sweep(), sweepIntervalMs)
    this.#sweeper.unref()
  }

  /** Everything undelivered is there again. */
  async load(): Promise<void> {
    const since = this.#options.clock.now() - unconfirmedKeptMs
    const finished = await this.#store.finishedUnconfirmed(since, maxUnconfirmedFinished)
    for (const { id, fingerprint, receivedAt } of finished.toReversed()) {
      this.#unconfirmed.add(id as DeliveryId, 0, fingerprint, receivedAt, true)
      this.#unconfirmed.finished(id)
    }
    for await (const page of this.#store.entries())
      for (const stored of page) {
        this.#nextNumber = Math.max(this.#nextNumber, stored.number + 1)
        this.#enter(stored)
        const id = stored.id as DeliveryId
        if (!stored.confirmed) this.#unconfirmed.add(id, stored.number, stored.fingerprint, stored.receivedAt, true)
        if (stored.recipients.some(recipient => recipient.tell !== null)) this.#tellLater(stored.number, id)
      }
  }

  #context(): EntryContext {
    const { clock, destinationOf } = this.#options
    const { delayedAfterMs, maxRetryMs } = this.#policy
    const times = { now: clock.now(), monotonic: clock.monotonic() }
    const flowOf = (stored: StoredEntry) => (this.#policy.fair ? this.#flows.of(stored) : noFlow)
    return { destinationOf, times, delayedAfterMs, maxPauseMs: 2 * maxRetryMs, flowOf }
  }

  #enter(stored: StoredEntry): void {
    const context = this.#context()
    const entry = this.#table.add(entryFacts(stored, context))
    this.#pump.add(entry, jobFacts(stored, context))
    if (stored.sentCopy !== null) this.#copyLater(stored.number, stored.id as DeliveryId, stored.sentCopy as AccountId)
  }

  /** What is still here under this id. */
  async #find(id: string): Promise<LiveEntry | undefined> {
    const stored = await this.#store.entry(id)
    return stored && this.#table.find(stored.number)
  }

  async add(given: NewEntry): Promise<'added' | 'exists'> {
    if (this.#closed) throw new QueueRefusal('UNAVAILABLE', 'The queue is closed')
    if (this.#table.size + this.#adding >= maxEntries) throw new QueueRefusal('QUEUE_FULL', 'The queue is full')
    const entry = (await this.#options.prepare?.(given)) ?? given
    const number = this.#nextNumber++
    const row = newRow(entry, number, {
      now: this.#options.clock.now(),
      copies: this.#options.fileSentCopy !== undefined,
    })
    this.#adding++
    try {
      const added = await this.#store.add({ ...row.input, message: entry.message })
      if (added === 'exists') return added
    } finally {
      this.#adding--
    }
    this.#unconfirmed.add(entry.id, number, entry.fingerprint, entry.receivedAt, false)
    this.#enter(row.stored)
    return 'added'
  }

  findUnconfirmed(fingerprint: Uint8Array): readonly DeliveryId[] {
    return this.#unconfirmed.find(fingerprint, this.#options.clock.now())
  }

  confirm(id: DeliveryId, fingerprints?: readonly Uint8Array[]): void {
    this.#writeSoon(this.#unconfirmed.confirm(id, fingerprints))
  }

  supersede(id: DeliveryId, fingerprints: readonly Uint8Array[]): void {
    this.#writeSoon(this.#unconfirmed.supersede(id, fingerprints))
  }

  #writeSoon(confirmed: Confirmed | undefined): void {
    if (!confirmed) return
    this.#confirmed.push(confirmed)
    this.#confirmTimer ??= setTimeout(() => void this.#writeConfirmed(), confirmDelayMs).unref()
  }

  isConfirmed(id: DeliveryId): boolean {
    return !this.#unconfirmed.has(id)
  }

  gone(id: DeliveryId): void {
    this.#unconfirmed.gone(id)
  }

  async #writeConfirmed(): Promise<void> {
    this.#confirmTimer = undefined
    const confirmed = this.#confirmed.splice(0)
    if (confirmed.length === 0) return
    try {
      await this.#store.confirm(confirmed)
    } catch (error) {
      this.#options.log.warn('Confirmations could not be written', { entries: confirmed.length, error: String(error) })
    }
  }

  async list(): Promise<readonly QueueEntry[]> {
    const all: QueueEntry[] = []
    for await (const page of this.#store.entries())
      for (const stored of page) all.push(shownEntry(stored, this.#table.find(stored.number)))
    return all
  }

  async show(id: string): Promise<QueueEntry | undefined> {
    const stored = await this.#store.entry(id)
    return stored && shownEntry(stored, this.#table.find(stored.number))
  }

  async endOf(id: string): Promise<QueueChange['results'] | undefined> {
    const ended = await this.#store.endOf(id)
    return ended?.map(({ address, state, last }) => ({
      address,
      state,
      result: last === null ? undefined : (JSON.parse(last) as RecipientResult),
    }))
  }

  forgetEnds(ids: readonly string[]): Promise<void> {
    return this.#store.forgetEnds(ids)
  }

  async retry(id?: string): Promise<number> {
    if (id !== undefined) {
      const entry = await this.#find(id)
      return entry && this.#pump.retry(entry) ? 1 : 0
    }
    const now = this.#options.clock.monotonic()
    let retried = 0
    for (const entry of this.#table.all()) if (entry.releaseAt <= now && this.#pump.retry(entry)) retried++
    return retried
  }

  async hold(id: string): Promise<boolean> {
    const entry = await this.#find(id)
    return entry !== undefined && this.#told(id, await this.#hold(entry))
  }

  #told(id: string, happened: boolean): boolean {
    if (happened) this.#watchers.tell({ id: id as DeliveryId, results: [] })
    return happened
  }

  async #hold(entry: LiveEntry): Promise<boolean> {
    if (!(await this.#store.hold(entry.number, true))) return false
    this.#pump.hold(entry)
    return true
  }

  async release(id: string): Promise<boolean> {
    const entry = await this.#find(id)
    return entry !== undefined && this.#told(id, await this.#release(entry))
  }

  async #release(entry: LiveEntry): Promise<boolean> {
    if (!(await this.#store.hold(entry.number, false))) return false
    this.#pump.release(entry)
    return true
  }

  async holdFrom(submitter: string): Promise<number> {
    return this.#eachFrom(submitter, async entry => !entry.held && (await this.#hold(entry)))
  }

  async releaseFrom(submitter: string): Promise<number> {
    return this.#eachFrom(submitter, async entry => entry.held && (await this.#release(entry)))
  }

  async #eachFrom(submitter: string, act: (entry: LiveEntry) => Promise<boolean>): Promise<number> {
    let count = 0
    for (const number of this.#table.from(submitter)) {
      const entry = this.#table.find(number)
      if (entry && (await act(entry))) count++
    }
    return count
  }

  async sendVia(id: string, via: Via | undefined): Promise<boolean> {
    const entry = await this.#find(id)
    if (!entry || entry.isTrying) return false
    const stored = await this.#store.setVia(entry.number, via === undefined ? null : JSON.stringify(via))
    if (!stored || entry.gone) return false
    this.#sort(entry, stored)
    this.#pump.retry(entry)
    return true
  }

  async remove(id: string): Promise<boolean> {
    const { clock, events, name } = this.#options
    const stored = await this.#store.entry(id)
    const entry = stored && this.#table.find(stored.number)
    if (!entry || !(await this.#store.remove(entry.number, clock.now()))) return false
    this.#pump.remove(entry)
    this.#left(entry, id as DeliveryId, { left: true })
    this.#watchers.tell({ id: id as DeliveryId, results: [] })
    recordRemoval(events, name, clock.now(), shownEntry(stored, undefined))
    return true
  }

  watch(listener: (change: QueueChange) => void): Disposable {
    return this.#watchers.add(listener)
  }

  wake(): void {
    this.#pump.wake()
  }

  async reroute(): Promise<void> {
    for await (const page of this.#store.entries())
      for (const stored of page) {
        const entry = this.#table.find(stored.number)
        if (entry) this.#sort(entry, stored)
      }
  }

  /** What is being tried goes on by the old way, and by the new one after that. */
  #sort(entry: LiveEntry, stored: StoredEntry): void {
    if (entry.isTrying) this.#toSort.add(entry.number)
    else if (!entry.gone) this.#pump.replace(entry, jobFacts(stored, this.#context()))
  }

  #sortLater(number: number): void {
    this.#toSort.delete(number)
    this.#chores.add(`route ${number}`, async () => {
      const entry = this.#table.find(number)
      const stored = entry && (await this.#store.entryByNumber(number))
      if (stored) this.#sort(entry, stored)
    })
  }

  get oldestAt(): number | undefined {
    return this.#table.oldestAt
  }

  waitingFor(isAsked: (destination: string) => boolean): number {
    return this.#pump.waitingFor(isAsked)
  }

  get depth(): number {
    return this.#table.size
  }

  #left(entry: LiveEntry, id: DeliveryId | undefined, { delivered }: Progress): void {
    this.#toSort.delete(entry.number)
    this.#table.remove(entry)
    if (id === undefined) return
    if (delivered) this.#unconfirmed.finished(id)
    else this.#unconfirmed.forget(id)
  }

  #sweep(): void {
    this.#pump.sweep(this.#table.all())
    this.#unconfirmed.sweep(this.#options.clock.now())
    const before = this.#options.clock.now() - finishedKeptMs
    this.#store
      .sweepFinished(before)
      .catch(error => this.#options.log.warn('Old queue ids could not be removed', { error: String(error) }))
  }

  #copyLater(number: number, id: DeliveryId, account: AccountId): void {
    this.#chores.add(`sent copy ${id}`, async () => {
      const entry = this.#table.find(number)
      const opened = entry && (await this.#store.take(number))
      if (!opened) return
      await this.#options.fileSentCopy?.(account, `${id}.sent`, sentCopyOf(opened))
      const progress = await this.#store.copied(number, this.#options.clock.now())
      if (progress.left) this.#left(entry, id, progress)
    })
  }

  #tellLater(number: number, id: DeliveryId): void {
    this.#chores.add(`report ${id}`, async () => {
      const entry = this.#table.find(number)
      const opened = entry && (await this.#store.take(number))
      if (!opened) return
      const message = queuedMessage(opened, one => this.isConfirmed(one))
      const { clock, report } = this.#options
      const expiresAt = clock.now() + (entry.expiresAt - clock.monotonic())
      for (const due of dueReports(message, opened, expiresAt)) {
        await report?.(due)
        const progress = await this.#store.told({ number, kind: due.kind, group: due.group, now: clock.now() })
        if (progress.left) this.#left(entry, id, progress)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#sweeper)
    clearTimeout(this.#confirmTimer)
    await Promise.all([this.#pump.close(), this.#chores.close()])
    await this.#writeConfirmed()
    await this.#store[Symbol.asyncDispose]()
  }
}
