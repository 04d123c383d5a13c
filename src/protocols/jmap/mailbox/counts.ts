/**
 * Counts of mailboxes as they were: the last few of each account stay, so that Mailbox/changes can say which are other than they were in the state
 * that a client has.
 */
import type { Account, MailboxCount, MailboxCounts } from '#mail/account.ts'
import type { AccountId, MailboxId } from '#mail/ids.ts'

const accountsKept = 200
const statesKept = 8

export const nothingCounted: MailboxCount = { emails: 0, unread: 0, threads: 0, unreadThreads: 0 }

export class RememberedCounts {
  /** Least recently used first; of each account the newest last */
  readonly #known = new Map<AccountId, readonly MailboxCounts[]>()

  /** As of this moment or later: the answer says which. */
  async now(account: Account): Promise<MailboxCounts> {
    return this.#keep(account.id, await account.mailboxCounts())
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
