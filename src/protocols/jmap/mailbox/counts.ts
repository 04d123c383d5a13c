/**
 * Counts of mailboxes, remembered: reading them is a scan of the account. The last few of each account stay, so that Mailbox/changes can
 * say which counts are other than they were in the state that a client has.
 */
import type { Account, MailboxCount, MailboxCounts } from '#mail/account.ts'
import type { AccountId, MailboxId } from '#mail/ids.ts'

const accountsKept = 200
const statesKept = 8

export const nothingCounted: MailboxCount = { emails: 0, unread: 0, threads: 0, unreadThreads: 0 }

export class RememberedCounts {
  /** Least recently used first; of each account the newest last */
  readonly #known = new Map<AccountId, readonly MailboxCounts[]>()
  readonly #reading = new Map<AccountId, Promise<MailboxCounts>>()

  /** As of this moment or later: the answer says which. */
  async now(account: Account): Promise<MailboxCounts> {
    const { modSeq } = await account.read(reader => reader.state)
    const newest = this.#known.get(account.id)?.at(-1)
    if (newest?.modSeq === modSeq) return newest
    const underWay = this.#reading.get(account.id)
    if (underWay) {
      const counts = await underWay
      if (counts.modSeq >= modSeq) return counts
    }
    const reading = account.mailboxCounts()
    this.#reading.set(account.id, reading)
    try {
      return this.#keep(account.id, await reading)
    } finally {
      if (this.#reading.get(account.id) === reading) this.#reading.delete(account.id)
    }
  }

  /** As they were at exactly this modseq, when that is still known. */
  at(account: AccountId, modSeq: number): MailboxCounts | undefined {
    return this.#known.get(account)?.find(counts => counts.modSeq === modSeq)
  }

  #keep(account: AccountId, counts: MailboxCounts): MailboxCounts {
    const earlier = (this.#known.get(account) ?? []).filter(known => known.modSeq < counts.modSeq)
    this.#known.delete(account)
    this.#known.set(account, [...earlier.slice(1 - statesKept), counts])
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= accountsKept) break
      this.#known.delete(oldest)
    }
    return counts
  }
}

export function countOf(counts: MailboxCounts, mailbox: MailboxId): MailboxCount {
  return counts.of.get(mailbox) ?? nothingCounted
}

export function isSameCount(a: MailboxCount, b: MailboxCount): boolean {
  return (
    a.emails === b.emails && a.unread === b.unread && a.threads === b.threads && a.unreadThreads === b.unreadThreads
  )
}
