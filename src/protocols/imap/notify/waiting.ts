/** Changes of the account that wait to be told to one session: newer ones take the place of older ones. */
import type { MailboxCounters } from '#mail/account.ts'
import { maxWaitingNews } from '../limits.ts'

/** What to say of a mailbox's messages: its counters as they were last. */
export type WaitingStatus = {
  readonly counters: MailboxCounters
  readonly messages: boolean
  readonly flags: boolean
}

export class Waiting {
  /** By mailbox: as many as there are */
  readonly statuses = new Map<number, WaitingStatus>()
  /** Names that were made, removed, renamed (then with the name before), or whose subscription changed */
  readonly names = new Map<string, string | undefined>()
  /** Entries by mailbox; the server is '' */
  readonly metadata = new Map<string, Set<string>>()
  #entries = 0

  get isEmpty(): boolean {
    return this.statuses.size === 0 && this.names.size === 0 && this.#entries === 0
  }

  get isTooMuch(): boolean {
    return this.names.size + this.#entries > maxWaitingNews
  }

  status(counters: MailboxCounters, messages: boolean, flags: boolean): void {
    const before = this.statuses.get(counters.id)
    this.statuses.set(counters.id, {
      counters,
      messages: messages || (before?.messages ?? false),
      flags: flags || (before?.flags ?? false),
    })
  }

  name(name: string): void {
    if (!this.names.has(name)) this.names.set(name, undefined)
  }

  /** Of a mailbox renamed twice the client knows the first name only. */
  renamed(from: string, to: string): void {
    const first = this.names.get(from)
    if (first !== undefined) this.names.delete(from)
    this.names.set(to, first ?? from)
  }

  metadataChanged(mailbox: string, entries: readonly string[]): void {
    const noted = this.metadata.get(mailbox) ?? new Set<string>()
    this.metadata.set(mailbox, noted)
    const before = noted.size
    for (const entry of entries) noted.add(entry)
    this.#entries += noted.size - before
  }
}
