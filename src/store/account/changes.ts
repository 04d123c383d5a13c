/** Collects what a group of operations changes, for the notice after its commit. Neighbouring events of one kind are joined. */
import type { AccountNotice, MailboxEvent, MetadataEvent, NameEvent } from './operations.ts'
import { addRun, type MessageRun } from './message-runs.ts'
import { type Counters, typeModSeqs } from './tables/counters.ts'
import type { MailboxRow } from './tables/mailbox.ts'

type OpenEvent = {
  readonly kind: MailboxEvent['kind']
  readonly mailbox: number
  readonly runs: number[]
  readonly by: string | undefined
}

export type Mark = { readonly events: number; readonly names: number; readonly metadata: number }

/** From here on typed arrays cross threads cheaper than plain ones. */
const packFrom = 64

export class Changes {
  #events: OpenEvent[] = []
  #mailboxes = new Set<number>()
  /** Made or renamed */
  #rows = new Set<number>()
  #mailboxList = false
  #names: NameEvent[] = []
  #metadata: MetadataEvent[] = []
  /** Kinds of small objects, and when they last changed */
  #objects = new Map<string, number>()
  #delivered = false
  #outbox = false
  #imapEvents: AccountNotice['imapEvents']
  #any = false

  /** Where to cut back to when an operation fails. Events made after a mark are never joined with those before. */
  mark(by?: string): Mark {
    this.#joinable = false
    this.#by = by
    return { events: this.#events.length, names: this.#names.length, metadata: this.#metadata.length }
  }
  #joinable = false
  /** Whose operation runs */
  #by: string | undefined

  cutBack(mark: Mark): void {
    this.#events.length = mark.events
    this.#names.length = mark.names
    this.#metadata.length = mark.metadata
  }

  added(mailbox: number, uid: number, modSeq: number, flags: number, emailId: number): void {
    this.happened('added', mailbox, { first: uid, count: 1, modSeq, flags, email: emailId })
  }

  changed(mailbox: number, uid: number, modSeq: number, flags: number): void {
    this.happened('changed', mailbox, { first: uid, count: 1, modSeq, flags, email: 0 })
  }

  removed(mailbox: number, uid: number, modSeq: number): void {
    this.happened('removed', mailbox, { first: uid, count: 1, modSeq, flags: 0, email: 0 })
  }

  happened(kind: 'added' | 'changed' | 'removed', mailbox: number, run: MessageRun): void {
    addRun(this.#event(kind, mailbox).runs, run)
  }

  gone(mailbox: number): void {
    this.#event('gone', mailbox)
  }

  /** `mailbox`: its row is to be told */
  nameChanged(kind: NameEvent['kind'], name: string, options: { from?: string; mailbox?: number } = {}): void {
    this.#mailboxList = true
    this.#any = true
    this.#names.push({ kind, name, from: options.from, by: this.#by })
    if (options.mailbox !== undefined) this.#rows.add(options.mailbox)
  }

  /** Something of it that no name tells: its role, its place among the others */
  mailboxChanged(mailbox: number): void {
    this.#mailboxList = true
    this.#any = true
    this.#rows.add(mailbox)
  }

  /** `name` undefined: of the account as a whole */
  metadata(name: string | undefined, entries: readonly string[]): void {
    this.#any = true
    this.#metadata.push({ name, entries, by: this.#by })
  }

  objects(kind: string, modSeq: number): void {
    this.#any = true
    this.#objects.set(kind, modSeq)
  }

  /** An email is new in the account, and somebody sent it */
  delivered(): void {
    this.#delivered = true
    this.#any = true
  }

  outboxFilled(): void {
    this.#outbox = true
    this.#any = true
  }

  imapEvent(kind: NonNullable<AccountNotice['imapEvents']>): void {
    this.#imapEvents = this.#imapEvents === 'dropped' ? 'dropped' : kind
    this.#any = true
  }

  #event(kind: MailboxEvent['kind'], mailbox: number): OpenEvent {
    this.#any = true
    const last = this.#events.at(-1)
    if (this.#joinable && last?.kind === kind && last.mailbox === mailbox) return last
    const event: OpenEvent = { kind, mailbox, runs: [], by: this.#by }
    this.#events.push(event)
    this.#mailboxes.add(mailbox)
    this.#joinable = true
    return event
  }

  take(
    account: string,
    counters: Readonly<Counters>,
    rowOf: (mailbox: number) => MailboxRow | undefined,
  ): AccountNotice | undefined {
    if (!this.#any) return undefined
    const { modSeq, usedBytes } = counters
    const notice: AccountNotice = {
      account,
      modSeq,
      usedBytes,
      types: typeModSeqs(counters),
      mailboxes: [...this.#mailboxes],
      rows: [...this.#mailboxes.union(this.#rows)].flatMap(id => {
        const row = rowOf(id)
        return row ? [{ ...row }] : []
      }),
      mailboxList: this.#mailboxList,
      names: this.#names,
      metadata: this.#metadata,
      objects: Array.from(this.#objects, ([kind, at]) => ({ kind, modSeq: at })),
      delivered: this.#delivered,
      outbox: this.#outbox,
      imapEvents: this.#imapEvents,
      events: this.#events.map(packed),
    }
    this.clear()
    return notice
  }

  clear(): void {
    this.#events = []
    this.#mailboxes = new Set()
    this.#rows = new Set()
    this.#mailboxList = false
    this.#names = []
    this.#metadata = []
    this.#objects = new Map()
    this.#delivered = false
    this.#outbox = false
    this.#imapEvents = undefined
    this.#any = false
    this.#joinable = false
  }
}

function packed(event: OpenEvent): MailboxEvent {
  return event.runs.length < packFrom ? event : { ...event, runs: new Float64Array(event.runs) }
}
