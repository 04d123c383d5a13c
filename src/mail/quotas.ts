/** What an administrator may do with the limits of others; the border between protocols and the directory. */
import { canonicalAddress } from '#formats/address/address.ts'
import type { Directory, User } from './directory.ts'
import type { AccountId } from './ids.ts'

export type QuotaKeeper = {
  isAdministrator(account: AccountId): Promise<boolean>
  /** With the canonical address. Undefined: nobody has this one; an alias is not a user. */
  userNamed(address: string): Promise<Pick<User, 'account' | 'address'> | undefined>
  /** Octets; undefined: no limit. False: the user has gone. */
  setLimit(account: AccountId, limitBytes: number | undefined): Promise<boolean>
}

export function quotaKeeper(directory: Pick<Directory, 'user' | 'userOf' | 'setQuota'>): QuotaKeeper {
  return {
    isAdministrator: async account => (await directory.userOf(account))?.administrator === true,
    async userNamed(address) {
      const canonical = canonicalAddress(address)
      return canonical === undefined ? undefined : await directory.user(canonical)
    },
    async setLimit(account, limitBytes) {
      const user = await directory.userOf(account)
      return user !== undefined && !('refused' in (await directory.setQuota(user.address, limitBytes)))
    },
  }
}
