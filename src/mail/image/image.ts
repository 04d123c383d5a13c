/**
 * One account's emails in columns. Notices only tell where to look: what is there is read from the database when somebody asks, so it makes no difference
 * how often and in which order they come.
 */
import type { EmailColumnsOutput, TouchedColumnsOutput, TouchedMessages } from '#store/account/email-columns.ts'
import type { AccountNotice } from '#store/account/operations.ts'
import type { ModSeq } from '../ids.ts'
import { type Derive, DerivedColumns, type KeptColumns } from './derived.ts'
import { type ColumnsAsOf, EmailColumns } from './email-columns.ts'
import { mergeColumns } from './merge.ts'
import { Touched } from './touched.ts'

/** More changes than this at once, and all is read anew. */
const maxTouched = 5_000
/** Touched emails whose ids are remembered, for those who ask what changed */
const maxRecent = 5_000

export type ImageSource = {
  /** All of them */
  load(): Promise<EmailColumnsOutput>
  /** Undefined: nobody knows any more */
  look(messages: TouchedMessages, count: number): Promise<TouchedColumnsOutput | undefined>
  readonly derive: Derive
  readonly kept?: KeptColumns
}

/** Changes since a state that were noticed here */
type Recent = { readonly modSeq: number; readonly emails: Float64Array }

export class AccountImage {
  readonly #source: ImageSource
  readonly derived: DerivedColumns
  #columns: EmailColumns | undefined
  #work: Promise<void> | undefined
  #touched = new Touched()
  /** Of the last notice */
  #noticed: Pick<AccountNotice, 'modSeq' | 'types'> = { modSeq: 0, types: { email: 0, thread: 0, mailbox: 0, used: 0 } }
  /** So often: what was read before may lack what was touched since */
  #forgotten = 0
  #recent: Recent[] = []
  #recentCount = 0
  /** `#recent` knows all that was touched after it */
  #recentFloor = Infinity

  constructor(source: ImageSource) {
    this.#source = source
    this.derived = new DerivedColumns(source.derive, source.kept)
  }

  /** Emails in memory */
  get length(): number {
    return this.#columns?.length ?? 0
  }

  apply({ events, modSeq, types }: Pick<AccountNotice, 'events' | 'modSeq' | 'types'>): void {
    if (modSeq > this.#noticed.modSeq) this.#noticed = { modSeq, types }
    this.#touched.add(events)
    if (this.#touched.count > maxTouched) this.forget()
  }

  /** Something may have changed untold, or too much. */
  forget(): void {
    this.#forgotten++
    this.#columns = undefined
    this.#touched = new Touched()
  }

  /** With all that was noticed before the call. */
  async now(): Promise<EmailColumns> {
    const wanted = this.#noticed.modSeq
    for (;;) {
      if (this.#columns && this.#columns.modSeq >= wanted) return this.#columns
      this.#work ??= this.#bringUp().finally(() => (this.#work = undefined))
      await this.#work
    }
  }

  /** Emails touched after `since`, or that may have been; undefined when that is not known. As of `now`. */
  recent(since: number): readonly number[] | undefined {
    if (since < this.#recentFloor) return undefined
    const emails = new Set<number>()
    for (const one of this.#recent) if (one.modSeq > since) for (const id of one.emails) emails.add(id)
    return [...emails]
  }

  async #bringUp(): Promise<void> {
    const columns = this.#columns
    const touched = this.#touched
    const noticed = this.#noticed
    this.#touched = new Touched()
    const forgotten = this.#forgotten
    if (!columns) {
      const loaded = await this.#source.load()
      if (forgotten === this.#forgotten) this.#take(loaded)
      return
    }
    if (touched.count === 0) {
      this.#columns = new EmailColumns(newer(columns, noticed), columns)
      return
    }
    const { emails, places, removed } = touched
    const messages = { emails, places, removedSince: removed ? columns.modSeq : undefined }
    const seen = await this.#look(messages, touched.count)
    if (forgotten !== this.#forgotten) return
    if (!seen) return this.forget()
    const asOf = newer(columns, noticed)
    this.#columns = new EmailColumns(asOf, mergeColumns(columns, seen.touched, seen.columns))
    this.#remember({ modSeq: asOf.modSeq, emails: seen.touched })
  }

  async #look(messages: TouchedMessages, count: number): Promise<TouchedColumnsOutput | undefined> {
    try {
      return await this.#source.look(messages, count)
    } catch (error) {
      this.forget()
      throw error
    }
  }

  #take(loaded: EmailColumnsOutput): void {
    this.#columns = new EmailColumns({ modSeq: loaded.modSeq as ModSeq, types: loaded.types }, loaded)
    this.#recent = []
    this.#recentCount = 0
    this.#recentFloor = loaded.modSeq
  }

  #remember(one: Recent): void {
    this.#recent.push(one)
    this.#recentCount += one.emails.length
    while (this.#recentCount > maxRecent) {
      const oldest = this.#recent.shift()
      this.#recentCount -= oldest?.emails.length ?? 0
      this.#recentFloor = oldest?.modSeq ?? Infinity
    }
  }
}

function newer(columns: EmailColumns, noticed: Pick<AccountNotice, 'modSeq' | 'types'>): ColumnsAsOf {
  const { modSeq, types } = columns.modSeq >= noticed.modSeq ? columns : noticed
  return { modSeq: modSeq as ModSeq, types }
}
