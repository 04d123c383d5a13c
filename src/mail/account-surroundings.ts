/** What all open accounts of this home share. */
import type { Clock } from '#base/clock.ts'
import type { AccountStore } from '#store/account/store.ts'
import type { AccountId } from './ids.ts'
import type { AccountImages } from './image/images.ts'
import type { MailboxHeads } from './mailbox-heads.ts'
import type { SearchIndex } from './search-index.ts'

export type AccountSurroundings = {
  readonly store: AccountStore
  readonly heads: MailboxHeads
  readonly images: AccountImages
  readonly search: SearchIndex
  readonly clock: Clock
  /** Of all accounts: there is one reading thread */
  readonly emailReads: { underWay: number }
  quotaOf(account: AccountId): number | undefined
  /** Throws when new mail has to wait for room on the disk */
  requireDiskRoom(): void
}
