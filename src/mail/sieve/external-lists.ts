/**
 * The lists that scripts may name (RFC 6134): the administrator's, by the URIs of the settings, and each owner's address book. What
 * an owner has of it today is whom the account has written to, kept as keyed hashes: it can be asked, and not be read out.
 */
import { canonicalAddress } from '#formats/address/address.ts'
import type { AccountId } from '../ids.ts'
import type { Administrator } from './administrator.ts'
import type { ExternalLists } from './ports.ts'

/** RFC 6134 §2.5: every implementation that has address books has this one */
export const ownAddressBook = 'urn:ietf:params:sieve:addrbook:default'

export function externalLists(
  administrator: () => Pick<Administrator, 'lists'>,
  hasWrittenTo: (account: AccountId, address: string) => Promise<boolean>,
): ExternalLists {
  const isAddressBook = (list: string) => list.toLowerCase() === ownAddressBook
  return {
    exists: async (_account, list) => isAddressBook(list) || administrator().lists.has(list),
    async contains(account, list, value) {
      if (!isAddressBook(list)) return administrator().lists.get(list)?.members.has(value) ?? false
      const address = canonicalAddress(value)
      return address !== undefined && hasWrittenTo(account, address)
    },
    async members(_account, list, limit) {
      return isAddressBook(list) ? undefined : (administrator().lists.get(list)?.members.values.slice(0, limit) ?? [])
    },
  }
}
