import type { AccountNotice } from '#store/account/operations.ts'
import type { AccountId } from './ids.ts'

/** Is told what happens in all accounts, in the order of the commits. */
export type AccountFollower = {
  noticed(notice: AccountNotice): void
  /** Something may have happened that it was not told */
  look(account: AccountId): void
  /** The account is to be removed: lets go of its files */
  forget(account: AccountId): Promise<void>
}
