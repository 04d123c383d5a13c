/**
 * What a session is told of the account beyond its selected mailbox: what NOTIFY has asked for (RFC 5465), and annotations when
 * ENABLE has (RFC 5464 §4.4.2). Changes are noted as they happen, in constant time where they are of no interest, and told
 * between commands; not told is what the session itself has done.
 */
import type { Account } from '#mail/account.ts'
import type { AccountChange } from '#mail/account-change.ts'
import type { MailboxId } from '#mail/ids.ts'
import { noteAll, noteMetadata } from './notify/note.ts'
import { writeWaiting } from './notify/write.ts'
import { Waiting } from './notify/waiting.ts'
import { Watch } from './notify/watch.ts'
import type { Peer } from './peer.ts'

const nothing = new Watch([])
const metadataOnly = new Watch([
  { filter: { filter: 'PERSONAL' }, events: [{ event: 'MailboxMetadataChange' }, { event: 'ServerMetadataChange' }] },
])

export class AccountNews {
  readonly #account: Account
  readonly #by: string
  readonly #listening: Disposable
  #listener: (() => void) | undefined
  /** Undefined before the first NOTIFY */
  #watch: Watch | undefined
  /** ENABLE METADATA was said */
  #tellsMetadata = false
  #subscribed: ReadonlySet<string> = new Set()
  /** Subscriptions that changed since they were read */
  #changedSubscriptions = new Map<string, boolean>()
  #waiting = new Waiting()
  #overflow = false
  /** UIDs of messages that this session has added, by mailbox, since the last telling */
  #own = new Map<number, Set<number>>()

  constructor(account: Account, by: string) {
    this.#account = account
    this.#by = by
    this.#listening = account.watch(change => this.#note(change))
  }

  /** What NOTIFY has asked for; undefined before the first. */
  get watch(): Watch | undefined {
    return this.#watch
  }

  /** Takes the place of what was asked before. Resolves when nothing that happens from now on is missed. */
  async notify(watch: Watch): Promise<void> {
    this.#watch = watch
    this.#waiting = new Waiting()
    this.#changedSubscriptions = new Map()
    this.#subscribed = new Set(await this.#account.subscriptions())
  }

  isSubscribed(name: string): boolean {
    return this.#changedSubscriptions.get(name) ?? this.#subscribed.has(name)
  }

  /** Returns whether that is new. */
  enableMetadata(): boolean {
    const isNew = !this.#tellsMetadata
    this.#tellsMetadata = true
    return isNew
  }

  /** Whether this message was added by the session itself, as far as the last telling goes back. */
  isOwn(mailbox: MailboxId, uid: number): boolean {
    return this.#own.get(mailbox)?.has(uid) ?? false
  }

  get hasNews(): boolean {
    return !this.#waiting.isEmpty || this.#overflow
  }

  /** Called when something is to be told. */
  onNews(listener: (() => void) | undefined): void {
    this.#listener = listener
  }

  #note(change: AccountChange): void {
    const watch = this.#watch
    const noting = { waiting: this.#waiting, by: this.#by, isSubscribed: (name: string) => this.isSubscribed(name) }
    if (watch) noteAll(change, { ...noting, watch })
    if (this.#tellsMetadata && watch !== nothing)
      for (const metadata of change.metadata) noteMetadata(metadata, { ...noting, watch: metadataOnly })
    if (watch?.selected && watch.selected.items.length > 0) this.#noteOwn(change)
    for (const { kind, name } of change.names) {
      if (kind === 'subscribed') this.#changedSubscriptions.set(name, true)
      if (kind === 'unsubscribed') this.#changedSubscriptions.set(name, false)
    }
    if (change.missed || this.#waiting.isTooMuch) this.#giveUp()
    if (this.hasNews) this.#listener?.()
  }

  #noteOwn({ messages }: AccountChange): void {
    for (const { mailbox, added } of messages)
      for (const { first, count, by } of added) {
        if (by !== this.#by) continue
        const own = this.#own.get(mailbox.id) ?? new Set()
        this.#own.set(mailbox.id, own)
        for (let uid = first; uid < first + count; uid += 1) own.add(uid)
      }
  }

  /** RFC 5465 §5.8: as if NOTIFY NONE had been said. */
  #giveUp(): void {
    this.#overflow = true
    if (this.#watch) this.#watch = nothing
    this.#waiting = new Waiting()
  }

  /** Writes what waits. Of the selected mailbox's messages nothing is said here (RFC 5465 §3.1). */
  async tell(peer: Peer, selected: MailboxId | undefined): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = new Waiting()
    this.#own = new Map()
    if (this.#overflow) {
      this.#overflow = false
      peer.output.write('* OK [NOTIFICATIONOVERFLOW] There was more to tell than can be told: ask again\r\n')
    }
    if (!waiting.isEmpty) await writeWaiting(waiting, this.#account, selected, peer)
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]()
    this.#listener = undefined
  }
}

/** NOTIFY NONE */
export const watchNothing = nothing
