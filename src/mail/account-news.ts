/** What the store's threads tell, given on to everybody whom it concerns: what is kept in memory first, watchers last. */
import type { Log } from '#base/log.ts'
import type { AccountNotice } from '#store/account/operations.ts'
import { changeIn, missedChange } from './account-change.ts'
import type { AccountFollower } from './account-follower.ts'
import type { AccountUpkeep } from './account-upkeep.ts'
import type { ContactSenders } from './contact-senders.ts'
import type { AccountId } from './ids.ts'
import type { AccountImages } from './image/images.ts'
import type { MailboxHeads } from './mailbox-heads.ts'
import type { OpenedAccounts } from './opened-accounts.ts'
import type { SearchIndex } from './search-index.ts'
import type { UsedBytes } from './used-bytes.ts'

export type NewsParts = {
  readonly log: Log
  readonly opened: OpenedAccounts
  readonly usedBytes: UsedBytes
  readonly upkeep: AccountUpkeep
  readonly heads: MailboxHeads
  readonly images: AccountImages
  readonly contactSenders: ContactSenders
  readonly search: SearchIndex
  readonly followers: readonly AccountFollower[]
  readonly onOutbox: ((account: AccountId) => void) | undefined
  readonly onImapEvents: ((account: AccountId) => void) | undefined
}

export class AccountNews {
  readonly #parts: NewsParts

  constructor(parts: NewsParts) {
    this.#parts = parts
  }

  /** After each commit, in the order of the commits */
  noticed(notice: AccountNotice): void {
    const { contactSenders, followers, heads, images, opened, search, upkeep, usedBytes } = this.#parts
    const account = notice.account as AccountId
    usedBytes.remember(account, notice.usedBytes)
    upkeep.changed(account)
    heads.apply(notice)
    images.apply(notice)
    contactSenders.noticed(notice)
    search.noticed(notice)
    for (const follower of followers) follower.noticed(notice)
    this.#wake(account, notice)
    const one = opened.present(account)
    if (one?.isWatched) one.announce(changeIn(notice))
  }

  #wake(account: AccountId, { imapEvents, outbox }: AccountNotice): void {
    const { log, onImapEvents, onOutbox } = this.#parts
    if (outbox) onOutbox?.(account)
    if (imapEvents) onImapEvents?.(account)
    if (imapEvents === 'dropped')
      log.warn('Too many IMAP events wait for scripts of an account; further ones are dropped', { account })
  }

  /** Notices were lost: what is in memory is read again. */
  threadEnded(thread: string, error: Error | undefined, isConcerned: (account: string) => boolean): void {
    const { contactSenders, heads, images, log, opened } = this.#parts
    log.error('A thread of the account store has ended and was started again', { thread, error: error?.message })
    for (const [id, one] of opened.allPresent()) if (isConcerned(id)) one.announce(missedChange(id))
    images.reload(isConcerned)
    contactSenders.forgetAll()
    heads.reload(isConcerned).catch((cause: unknown) => {
      log.error('Open mailboxes could not be read again', { error: String(cause) })
    })
  }
}
