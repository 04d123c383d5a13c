/** The events of one box, written in batches: recording is a push to an array, and never waits or fails. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import {
  type EventRow,
  maxReplyCharacters,
  maxStoredEvents,
  openTraceStore,
  type TraceStore,
} from '#store/trace/trace-store.ts'
import type { EventKind, EventQuery, Events, MailEvent, StoredEvent } from './events.ts'

/** A batch is written after so long … */
const batchDelayMs = 200
/** … or when so many wait */
const batchEvents = 500
/** Beyond this the oldest are dropped and counted: the disk is slower than the mail, and mail does not wait for it. */
const maxWaitingEvents = 20_000
const keptMs = 30 * 24 * 3600 * 1000
const sweepIntervalMs = 10 * 60 * 1000
const defaultFound = 1000

export type EventsOptions = {
  /** trace.db; its folder is made when it is not there */
  readonly file: string
  /** The name of this box in every event */
  readonly box: string
  readonly clock: Clock
  readonly log: Log
  readonly maxEvents?: number
}

export type EventsStore = Events &
  AsyncDisposable & {
    /** Events that were never written, since the start */
    readonly dropped: number
    /** Removes what is too old or too much; runs by itself every ten minutes. */
    sweep(): Promise<void>
  }

export async function createEvents(options: EventsOptions): Promise<EventsStore> {
  await mkdir(dirname(options.file), { recursive: true, mode: 0o700 })
  const events = new BatchedEvents(openTraceStore(options.file), options)
  await events.sweep()
  return events
}

class BatchedEvents implements EventsStore {
  readonly #store: TraceStore
  readonly #options: EventsOptions
  readonly #sweeper: NodeJS.Timeout
  #waiting: EventRow[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #dropped = 0
  #closed = false

  constructor(store: TraceStore, options: EventsOptions) {
    this.#store = store
    this.#options = options
    this.#sweeper = setInterval(() => void this.sweep(), sweepIntervalMs)
    this.#sweeper.unref()
  }

  get dropped(): number {
    return this.#dropped
  }

  record(event: MailEvent): void {
    if (this.#closed || this.#waiting.length >= 2 * maxWaitingEvents) return void this.#dropped++
    this.#waiting.push(rowOf(event))
    if (this.#waiting.length >= batchEvents && !this.#writing) void this.#start()
    else this.#timer ??= setTimeout(() => void this.#start(), batchDelayMs).unref()
  }

  #start(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
    return this.#writing
  }

  /** One batch; what could not be written waits for the next, as long as there is room. */
  async #write(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = []
    if (batch.length === 0) return
    try {
      await this.#store.record(batch)
    } catch (error) {
      this.#options.log.warn('Events could not be written', { events: batch.length, error: String(error) })
      this.#waiting = [...batch, ...this.#waiting]
      this.#timer ??= setTimeout(() => void this.#start(), 10 * batchDelayMs).unref()
    }
    this.#dropSurplus()
  }

  #dropSurplus(): void {
    const surplus = this.#waiting.length - maxWaitingEvents
    if (surplus <= 0) return
    this.#waiting.splice(0, surplus)
    this.#dropped += surplus
    this.#options.log.warn('Events were dropped', { events: surplus })
  }

  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
    await this.#start()
  }

  async find(query: EventQuery): Promise<readonly StoredEvent[]> {
    await this.flush()
    const rows = await this.#store.find({
      about: query.about,
      since: query.since ?? 0,
      limit: query.limit ?? defaultFound,
    })
    return rows.map(row => eventOf(row, this.#options.box))
  }

  async recent(limit: number): Promise<readonly StoredEvent[]> {
    await this.flush()
    return (await this.#store.recent(limit)).map(row => eventOf(row, this.#options.box))
  }

  async sweep(): Promise<void> {
    const before = this.#options.clock.now() - keptMs
    const maxEvents = this.#options.maxEvents ?? maxStoredEvents
    try {
      for (;;) {
        const { expired, surplus } = await this.#store.sweep({ before, maxEvents })
        if (surplus > 0) this.#options.log.info('Old events were removed to keep the trace small', { events: surplus })
        if (expired + surplus === 0 || this.#closed) return
      }
    } catch (error) {
      this.#options.log.warn('Old events could not be removed', { error: String(error) })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    clearInterval(this.#sweeper)
    clearTimeout(this.#timer)
    await this.#store[Symbol.asyncDispose]()
  }
}

function rowOf(event: MailEvent): EventRow {
  return {
    at: Math.round(event.at),
    kind: event.kind,
    session: event.session ?? null,
    delivery: event.delivery ?? null,
    messageId: event.messageId ?? null,
    from: event.from ?? null,
    to: event.to ?? null,
    client: event.client ?? null,
    sizeBytes: event.sizeBytes ?? null,
    reply: event.reply?.slice(0, maxReplyCharacters) ?? null,
    detail: event.detail ? JSON.stringify(event.detail) : null,
  }
}

function eventOf(row: EventRow, box: string): StoredEvent {
  return {
    box,
    at: row.at,
    kind: row.kind as EventKind,
    ...(row.session !== null && { session: row.session }),
    ...(row.delivery !== null && { delivery: row.delivery }),
    ...(row.messageId !== null && { messageId: row.messageId }),
    ...(row.from !== null && { from: row.from }),
    ...(row.to !== null && { to: row.to }),
    ...(row.client !== null && { client: row.client }),
    ...(row.sizeBytes !== null && { sizeBytes: row.sizeBytes }),
    ...(row.reply !== null && { reply: row.reply }),
    ...(row.detail !== null && { detail: JSON.parse(row.detail) as NonNullable<MailEvent['detail']> }),
  }
}
