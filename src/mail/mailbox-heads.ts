/** The mailboxes in memory of all accounts: read once, then fed by notices; kept warm for a while after the last view. */
import type { AccountStore } from '#store/account/store.ts'
import type { AccountNotice, KnownFlags, MailboxEvent, UidRanges } from '#store/account/operations.ts'
import { maxBacklog, warmMailboxes, warmMessages } from './account-limits.ts'
import { MailboxHead } from './mailbox-head.ts'
import { SessionView } from './mailbox-view.ts'

/** What one commit did, while the mailbox is being read */
type Backlog = readonly MailboxEvent[]
type Entry = {
  readonly account: string
  head: MailboxHead | undefined
  loading: Promise<MailboxHead | undefined> | undefined
  backlog: Backlog[]
}

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
    const head = entry.head ?? (await (entry.loading ??= this.#load(key, entry, mailbox)))
    if (!head || head.gone) return undefined
    const view = new SessionView(head)
    this.#trim()
    return view
  }

  async #load(key: string, entry: Entry, mailbox: number): Promise<MailboxHead | undefined> {
    try {
      for (;;) {
        entry.backlog = []
        const loaded = await this.#store.scan(entry.account, 'view', { mailbox })
        if (!loaded) break
        if (entry.backlog.length > maxBacklog) continue
        entry.head = new MailboxHead(mailbox, loaded)
        for (const events of entry.backlog) entry.head.apply(events)
        return entry.head
      }
      this.#drop(key, entry)
      return undefined
    } catch (error) {
      this.#drop(key, entry)
      throw error
    } finally {
      entry.loading = undefined
      entry.backlog = []
    }
  }

  apply(notice: AccountNotice): void {
    for (const mailbox of notice.mailboxes) {
      const key = `${notice.account}/${mailbox}`
      const entry = this.#entries.get(key)
      if (!entry) continue
      if (entry.head) {
        entry.head.apply(notice.events)
        if (entry.head.gone) this.#drop(key, entry)
      } else if (entry.backlog.length <= maxBacklog) entry.backlog.push(notice.events)
    }
  }

  /** Notices of these accounts may have been lost with their writer: reads anew what is looked at, drops the rest. */
  async reload(isConcerned: (account: string) => boolean): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (!isConcerned(entry.account) || !entry.head) continue
      if (entry.head.views.size === 0) this.#drop(key, entry)
      else entry.head.reload(await this.#store.scan(entry.account, 'view', { mailbox: entry.head.mailbox }))
    }
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
    const entry: Entry = { account, head: undefined, loading: undefined, backlog: [] }
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
      if (!entry.head || entry.head.views.size > 0) continue
      this.#drop(key, entry)
      messages -= entry.head.length
      spare--
    }
  }
}
