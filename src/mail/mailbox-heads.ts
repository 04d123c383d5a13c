/** The mailboxes in memory of all accounts: read once, then fed by notices; kept warm for a while after the last view. */
import type { AccountStore } from '#store/account/store.ts'
import type { AccountNotice, KnownFlags, LoadedView, MailboxEvent, UidRanges } from '#store/account/operations.ts'
import { maxBacklog, warmMailboxes, warmMessages } from './account-limits.ts'
import { MailboxHead } from './mailbox-head.ts'
import { SessionView } from './mailbox-view.ts'

/** What commits did while the mailbox is being read. Stale: more has been lost than is in it, read once more */
type Backlog = { readonly commits: (readonly MailboxEvent[])[]; stale: boolean }
type Entry = {
  readonly account: string
  head: MailboxHead | undefined
  loading: Promise<MailboxHead | undefined> | undefined
  /** While it is being read, also where there is a head already */
  backlog: Backlog | undefined
  /** Who waits for it and has no view yet */
  openers: number
}
type Reading = { readonly loaded: LoadedView; readonly since: Backlog['commits'] }

export class MailboxHeads {
  readonly #store: AccountStore
  /** By account and mailbox, least recently used first */
  readonly #entries = new Map<string, Entry>()
  /** The same by account: each delivery asks whether somebody looks */
  readonly #byAccount = new Map<string, Set<Entry>>()

  constructor(store: AccountStore) {
    this.#store = store
  }

  async open(account: string, mailbox: number): Promise<SessionView | undefined> {
    await this.#store.settle(account)
    const key = `${account}/${mailbox}`
    let entry = this.#entries.get(key)
    if (entry) this.#entries.delete(key)
    else entry = this.#newEntry(account)
    this.#entries.set(key, entry)
    entry.openers++
    try {
      const head = entry.head ?? (await (entry.loading ??= this.#load(key, entry, mailbox)))
      if (!head || head.gone) return undefined
      return new SessionView(head)
    } finally {
      entry.openers--
      this.#trim()
    }
  }

  async #load(key: string, entry: Entry, mailbox: number): Promise<MailboxHead | undefined> {
    try {
      const reading = await this.#read(entry, mailbox)
      if (!reading) {
        this.#drop(key, entry)
        return undefined
      }
      entry.head = new MailboxHead(mailbox, reading.loaded)
      for (const events of reading.since) entry.head.apply(events)
      return entry.head
    } catch (error) {
      this.#drop(key, entry)
      throw error
    } finally {
      entry.loading = undefined
    }
  }

  /** Undefined when there is no such mailbox. */
  async #read(entry: Entry, mailbox: number): Promise<Reading | undefined> {
    try {
      for (;;) {
        const backlog: Backlog = { commits: [], stale: false }
        entry.backlog = backlog
        const loaded = await this.#store.scan(entry.account, 'view', { mailbox })
        if (!loaded) return undefined
        if (!backlog.stale) return { loaded, since: backlog.commits }
      }
    } finally {
      entry.backlog = undefined
    }
  }

  apply(notice: AccountNotice): void {
    for (const mailbox of notice.mailboxes) {
      const key = `${notice.account}/${mailbox}`
      const entry = this.#entries.get(key)
      if (!entry) continue
      if (entry.backlog) gather(entry.backlog, notice.events)
      entry.head?.apply(notice.events)
      if (entry.head?.gone) this.#drop(key, entry)
    }
  }

  /** Notices of these accounts may have been lost with their writer: reads anew what is looked at, drops the rest. */
  async reload(isConcerned: (account: string) => boolean): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (!isConcerned(entry.account)) continue
      if (entry.backlog) entry.backlog.stale = true
      else if (isUnused(entry)) this.#drop(key, entry)
      else if (entry.head) await this.#readAgain(entry, entry.head)
    }
  }

  async #readAgain(entry: Entry, head: MailboxHead): Promise<void> {
    const reading = await this.#read(entry, head.mailbox)
    head.reload(reading?.loaded, reading?.since)
  }

  /** Drops what nobody looks at: of one account, or beyond the bounds the longest unused. */
  forget(account: string): void {
    for (const [key, entry] of this.#entries) if (entry.account === account) this.#drop(key, entry)
  }

  /** What is in memory of the messages named, when it is not much. */
  known(account: string, mailbox: number, uids: UidRanges): KnownFlags | undefined {
    return this.#entries.get(`${account}/${mailbox}`)?.head?.known(uids)
  }

  isLookedAt(account: string, mailbox: number): boolean {
    const entry = this.#entries.get(`${account}/${mailbox}`)
    return entry?.loading !== undefined || (entry?.head?.views.size ?? 0) > 0
  }

  isOpen(account: string): boolean {
    for (const entry of this.#byAccount.get(account) ?? []) if (entry.head?.views.size) return true
    return false
  }

  #newEntry(account: string): Entry {
    const entry: Entry = { account, head: undefined, loading: undefined, backlog: undefined, openers: 0 }
    const others = this.#byAccount.get(account)
    if (others) others.add(entry)
    else this.#byAccount.set(account, new Set([entry]))
    return entry
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key)
    const others = this.#byAccount.get(entry.account)
    others?.delete(entry)
    if (others?.size === 0) this.#byAccount.delete(entry.account)
  }

  #trim(): void {
    let messages = 0
    for (const entry of this.#entries.values()) messages += entry.head?.length ?? 0
    let spare = this.#entries.size
    for (const [key, entry] of this.#entries) {
      if (messages <= warmMessages && spare <= warmMailboxes) return
      if (!isUnused(entry)) continue
      this.#drop(key, entry)
      messages -= entry.head?.length ?? 0
      spare--
    }
  }
}

/** Nobody looks at it or is about to. */
function isUnused({ head, openers }: Entry): boolean {
  return head !== undefined && head.views.size === 0 && openers === 0
}

function gather(backlog: Backlog, events: readonly MailboxEvent[]): void {
  if (backlog.commits.length < maxBacklog) backlog.commits.push(events)
  else backlog.stale = true
}
