/**
 * The lists that scripts may name (RFC 6134): the administrator's, by the URIs of the settings, and each owner's address book: the addresses of
 * their contacts, in whichever book, and whom the account has written to. The latter is kept as keyed hashes: it can be asked, and not be read out.
 */
import { canonicalAddress } from '#formats/address/address.ts'
import type { AccountId } from '../ids.ts'
import type { Administrator } from './administrator.ts'
import type { ExternalLists } from './ports.ts'

/** RFC 6134 §2.5: every implementation that has address books has this one */
export const ownAddressBook = 'urn:ietf:params:sieve:addrbook:default'

/** Addresses in canonical form */
export type OwnAddressBook = {
  isContact(account: AccountId, address: string): Promise<boolean>
  /** Of contacts; at most `limit` */
  addresses(account: AccountId, limit: number): Promise<readonly string[]>
  hasWrittenTo(account: AccountId, address: string): Promise<boolean>
}

export function externalLists(administrator: () => Pick<Administrator, 'lists'>, own: OwnAddressBook): ExternalLists {
  const isAddressBook = (list: string) => list.toLowerCase() === ownAddressBook
  return {
    exists: async (_account, list) => isAddressBook(list) || administrator().lists.has(list),
    async contains(account, list, value) {
      if (!isAddressBook(list)) return administrator().lists.get(list)?.members.has(value) ?? false
      const address = canonicalAddress(value)
      if (address === undefined) return false
      return (await own.isContact(account, address)) || (await own.hasWrittenTo(account, address))
    },
    async members(account, list, limit) {
      if (isAddressBook(list)) return await own.addresses(account, limit)
      return administrator().lists.get(list)?.members.values.slice(0, limit) ?? []
    },
  }
}
