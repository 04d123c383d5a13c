/**
 * What a session is told of the account beyond its selected mailbox: annotations, when ENABLE has asked for it (RFC 5464 §4.4.2).
 * Changes are noted as they happen, and told between commands. Not told is what the session itself has done.
 */
import type { Account, AccountChange, MetadataChange } from '#mail/account.ts'
import { maxWaitingNews } from './limits.ts'
import type { Peer } from './peer.ts'
import { printEntry, printMailbox } from './syntax/print.ts'

export class AccountNews {
  readonly #by: string
  readonly #watch: Disposable
  #listener: (() => void) | undefined
  /** ENABLE METADATA was said */
  #tellsMetadata = false
  /** Entries by mailbox; the server is '' */
  #metadata = new Map<string, Set<string>>()
  #waiting = 0
  #overflow = false

  constructor(account: Account, by: string) {
    this.#by = by
    this.#watch = account.watch(change => this.#note(change))
  }

  /** Returns whether that is new. */
  enableMetadata(): boolean {
    const isNew = !this.#tellsMetadata
    this.#tellsMetadata = true
    return isNew
  }

  get hasNews(): boolean {
    return this.#waiting > 0 || this.#overflow
  }

  /** Called when something is to be told. For IDLE. */
  onNews(listener: (() => void) | undefined): void {
    this.#listener = listener
  }

  #note(change: AccountChange): void {
    if (change.missed) this.#overflow = true
    if (this.#tellsMetadata) for (const event of change.metadata) if (event.by !== this.#by) this.#noteMetadata(event)
    if (this.#waiting > maxWaitingNews) this.#overflow = true
    if (this.#overflow) this.#forget()
    if (this.hasNews) this.#listener?.()
  }

  #noteMetadata({ name = '', entries }: MetadataChange): void {
    const noted = this.#metadata.get(name) ?? new Set<string>()
    this.#metadata.set(name, noted)
    const before = noted.size
    for (const entry of entries) noted.add(entry)
    this.#waiting += noted.size - before
  }

  #forget(): void {
    this.#metadata = new Map()
    this.#waiting = 0
  }

  /** Writes what waits. */
  async tell({ output, enabled }: Pick<Peer, 'output' | 'enabled'>): Promise<void> {
    const metadata = this.#metadata
    this.#forget()
    if (this.#overflow) {
      this.#overflow = false
      output.write('* OK [NOTIFICATIONOVERFLOW] Some changes were too many to be told\r\n')
    }
    for (const [mailbox, entries] of metadata) {
      output.write(`* METADATA ${printMailbox(mailbox, enabled)} ${[...entries].map(printEntry).join(' ')}\r\n`)
      if (output.isFull) await output.room()
    }
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
    this.#listener = undefined
  }
}
