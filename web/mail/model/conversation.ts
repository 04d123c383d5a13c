/** A conversation that is being read: its letters, oldest first, each with its body once somebody looks at it. */
import { type Signal, signal } from '@preact/signals'
import type { Email, EmailBodyPart, EmailHeader, Id } from '#protocols/jmap/wire.ts'
import type { Batch, Call } from '../jmap/batch.ts'
import type { Client } from '../jmap/client.ts'
import { type EmailRow, type Emails, rowProperties } from './emails.ts'

export const letterProperties = [
  ...rowProperties,
  'blobId',
  'cc',
  'bcc',
  'replyTo',
  'sender',
  'sentAt',
  'messageId',
  'inReplyTo',
  'references',
  'headers',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
] as const satisfies readonly (keyof Email)[]

export const partProperties = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'headers',
] as const

export type LetterPart = Pick<EmailBodyPart, (typeof partProperties)[number]>
export type Letter = Pick<
  Email,
  Exclude<(typeof letterProperties)[number], 'textBody' | 'htmlBody' | 'attachments'>
> & {
  readonly headers: readonly EmailHeader[]
  readonly textBody: readonly LetterPart[]
  readonly htmlBody: readonly LetterPart[]
  readonly attachments: readonly LetterPart[]
  /** It is shown in this charset because somebody wants so */
  readonly viewCharset?: string | undefined
}

/** Of one letter; what is longer is cut, and can be had as a file */
export const maxBodyBytes = 512 * 1024
/** Letters that are kept; they never change */
const maxKept = 60

/** Whole letters, `Letter` each */
export function askLetters(calls: Batch, ids: readonly Id[], viewCharset: string | null = null): Call<'Email/get'> {
  return calls.call('Email/get', {
    ids,
    properties: letterProperties,
    bodyProperties: partProperties,
    fetchTextBodyValues: true,
    fetchHTMLBodyValues: true,
    maxBodyValueBytes: maxBodyBytes,
    viewCharset,
  })
}

export class Letters {
  readonly #client: Client
  readonly #emails: Emails
  readonly #kept = new Map<Id, Letter>()

  constructor(client: Client, emails: Emails) {
    this.#client = client
    this.#emails = emails
  }

  kept(id: Id): Letter | undefined {
    return this.#kept.get(id)
  }

  /** Those of them that are still there. */
  async read(ids: readonly Id[]): Promise<readonly Letter[]> {
    const missing = ids.filter(id => !this.#kept.has(id))
    if (missing.length > 0) await this.#fetch(missing)
    return ids.flatMap(id => this.#kept.get(id) ?? [])
  }

  /** The same letter read in this charset, whatever it declares; undefined: as it was found. It is kept so while the page lives. */
  async readAs(id: Id, charset: string | undefined): Promise<Letter | undefined> {
    await this.#fetch([id], charset)
    return this.#kept.get(id)
  }

  async #fetch(ids: readonly Id[], viewCharset?: string): Promise<void> {
    const calls = this.#client.batch()
    const get = askLetters(calls, ids, viewCharset)
    for (const letter of (await this.#client.send(calls)).of(get).list as unknown as readonly Letter[]) {
      this.#kept.set(letter.id, viewCharset === undefined ? letter : { ...letter, viewCharset })
      if (!this.#emails.has(letter.id)) this.#emails.put([letter])
    }
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) break
      this.#kept.delete(id)
    }
  }
}

export type ConversationState = 'loading' | 'ready' | 'gone' | 'failed'

export class Conversation {
  readonly threadId: Id
  readonly state: Signal<ConversationState> = signal('loading')
  /** Letters that are unfolded, and their bodies once they are here */
  readonly open: Signal<ReadonlyMap<Id, Letter | undefined>> = signal(new Map())
  readonly #client: Client
  readonly #emails: Emails
  readonly #letters: Letters
  #wasOpened = false

  constructor(client: Client, parts: { emails: Emails; letters: Letters }, threadId: Id) {
    this.#client = client
    this.#emails = parts.emails
    this.#letters = parts.letters
    this.threadId = threadId
  }

  /** Oldest first. Reactive */
  get rows(): readonly EmailRow[] {
    return this.#emails.emailsOf(this.threadId)
  }

  /** Unfolds what is unread, what bears a star, and the last letter. */
  async load(): Promise<void> {
    try {
      if (!this.#isKnown()) await this.#fetchRows()
      if (this.rows.length === 0) return void (this.state.value = 'gone')
      await this.unfold(this.#wasOpened ? [...this.open.peek().keys()] : unfoldedAtFirst(this.rows))
      this.#wasOpened = true
      this.state.value = 'ready'
    } catch (error) {
      this.state.value = 'failed'
      throw error
    }
  }

  async unfold(ids: readonly Id[]): Promise<void> {
    this.open.value = new Map([...this.open.peek(), ...ids.map(id => [id, this.#letters.kept(id)] as const)])
    const letters = await this.#letters.read(ids)
    this.open.value = new Map([...this.open.peek(), ...letters.map(letter => [letter.id, letter] as const)])
  }

  async viewAs(id: Id, charset: string | undefined): Promise<void> {
    const letter = await this.#letters.readAs(id, charset)
    if (letter && this.open.peek().has(id)) this.open.value = new Map(this.open.peek()).set(id, letter)
  }

  fold(id: Id): void {
    this.open.value = new Map([...this.open.peek()].filter(([one]) => one !== id))
  }

  #isKnown(): boolean {
    const ids = this.#emails.thread(this.threadId)
    return ids !== undefined && ids.length > 0 && ids.every(id => this.#emails.has(id))
  }

  async #fetchRows(): Promise<void> {
    const calls = this.#client.batch()
    const threads = calls.call('Thread/get', { ids: [this.threadId] })
    const emails = calls.call('Email/get', { '#ids': threads.result('/list/*/emailIds'), properties: rowProperties })
    const answers = await this.#client.send(calls)
    this.#emails.put(answers.of(emails).list as readonly EmailRow[])
    this.#emails.putThreads(answers.of(threads).list)
  }
}

export function unfoldedAtFirst(rows: readonly EmailRow[]): Id[] {
  return rows
    .filter((row, at) => at === rows.length - 1 || row.keywords['$seen'] !== true || row.keywords['$flagged'] === true)
    .map(({ id }) => id)
}
