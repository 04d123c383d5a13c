/**
 * Follows the account: one request brings what has changed since the last one, of emails, mailboxes and the list that is looked at. Whoever has changed
 * something asks for it too; the server's word about it comes to the same place.
 */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Answers, Batch, Call } from '../jmap/batch.ts'
import type { Client } from '../jmap/client.ts'
import { MethodFault } from '../jmap/fault.ts'
import { type EmailRow, type Emails, rowProperties } from './emails.ts'
import type { Mailboxes } from './mailboxes.ts'
import type { MessageList } from './message-list.ts'
import { Rounds } from './rounds.ts'

/** Of one answer: its emails are fetched with it, and no more than 500 may be. */
const maxChanges = 200
/** So many answers in a row; whoever was away for longer asks for everything anew. */
const maxRounds = 5

type Asked = {
  readonly changes: Call<'Email/changes'> | undefined
  readonly created: Call<'Email/get'> | undefined
  readonly updated: Call<'Email/get'> | undefined
  readonly threads: Call<'Thread/get'> | undefined
  readonly mailboxes: Call<'Mailbox/get'>
  readonly list: Call<'Email/queryChanges'> | undefined
}

export class Sync {
  readonly list: Signal<MessageList | undefined> = signal(undefined)
  /** Emails that have come in since the page was opened, for whoever says so; the last ones only */
  readonly arrived: Signal<readonly Id[]> = signal([])
  readonly #client: Client
  readonly #emails: Emails
  readonly #mailboxes: Mailboxes
  #emailState: string | undefined
  readonly #rounds: Rounds

  constructor(client: Client, emails: Emails, mailboxes: Mailboxes) {
    this.#client = client
    this.#emails = emails
    this.#mailboxes = mailboxes
    this.#rounds = new Rounds({ round: () => this.#round(), most: maxRounds, anew: () => this.#anew() })
  }

  /** Before anything is shown. */
  async begin(): Promise<void> {
    const calls = this.#client.batch()
    const mailboxes = calls.call('Mailbox/get', { ids: null })
    const state = calls.call('Email/get', { ids: [], properties: ['id'] })
    const answers = await this.#client.send(calls)
    const told = answers.of(mailboxes)
    this.#mailboxes.put(told.state, told.list)
    this.#emailState = answers.of(state).state
  }

  /** That we know of; undefined before the first answer */
  get emailState(): string | undefined {
    return this.#emailState
  }

  /** What is shown may be as old as this state: the next round asks for what has changed since then. */
  rewind(emailState: string): void {
    this.#emailState = emailState
  }

  /** The server has other states than these? */
  hear(states: Readonly<Record<string, string>>): void {
    const { Email, Mailbox } = states
    const isNews =
      (Email !== undefined && Email !== this.#emailState) ||
      (Mailbox !== undefined && Mailbox !== this.#mailboxes.state)
    if (isNews) this.now().catch(() => undefined)
  }

  /** Resolves when all that was true at the call is known. */
  now(): Promise<void> {
    return this.#rounds.now()
  }

  /** True: there is more. */
  async #round(): Promise<boolean> {
    const calls = this.#client.batch()
    const list = this.list.peek()
    const asked = {
      ...this.#askEmails(calls),
      mailboxes: calls.call('Mailbox/get', { ids: null }),
      list: list?.askChanges(calls),
    }
    const answers = await this.#client.send(calls)
    const told = answers.of(asked.mailboxes)
    let hasMore = false
    try {
      hasMore = this.#takeEmails(answers, asked)
    } catch (error) {
      if (!(error instanceof MethodFault)) throw error
      await this.#anew()
    }
    this.#mailboxes.put(told.state, told.list)
    await list?.changed(answers, asked.list)
    return hasMore
  }

  #askEmails(calls: Batch): Omit<Asked, 'mailboxes' | 'list'> {
    if (this.#emailState === undefined)
      return { changes: undefined, created: undefined, updated: undefined, threads: undefined }
    const changes = calls.call('Email/changes', { sinceState: this.#emailState, maxChanges })
    const created = calls.call('Email/get', { '#ids': changes.result('/created'), properties: rowProperties })
    const updated = calls.call('Email/get', { '#ids': changes.result('/updated'), properties: rowProperties })
    const threads = calls.call('Thread/get', { '#ids': created.result('/list/*/threadId') })
    return { changes, created, updated, threads }
  }

  #takeEmails(answers: Answers, { changes, created, updated, threads }: Asked): boolean {
    if (!changes || !created || !updated || !threads) return false
    const { newState, hasMoreChanges, destroyed } = answers.of(changes)
    const arrived = answers.of(created).list as readonly EmailRow[]
    this.#emails.put([...arrived, ...(answers.of(updated).list as readonly EmailRow[])])
    this.#emails.putThreads(answers.of(threads).list)
    this.#emails.remove(destroyed)
    this.#emailState = newState
    if (arrived.length > 0) this.arrived.value = arrived.map(({ id }) => id)
    return hasMoreChanges
  }

  /** Too much has changed: what is shown is read again. */
  async #anew(): Promise<false> {
    await this.begin()
    await this.list.peek()?.reload()
    return false
  }
}
