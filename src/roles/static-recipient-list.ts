import { canonicalDomain } from '#formats/address/domain.ts'
import type { RecipientList } from '#mail/recipient-list.ts'

/** Where home writes no list (a stand-in): the configured domains are ours, and each name in them is asked of home. */
export function domainsOnly(domains: readonly string[]): RecipientList {
  const ours = new Set(domains.map(domain => canonicalDomain(domain) ?? domain))
  return {
    domains: [...ours],
    ageMs: () => undefined,
    look(address) {
      const domain = canonicalDomain(address.slice(address.lastIndexOf('@') + 1))
      return domain !== undefined && ours.has(domain)
        ? { kind: 'unknown', fresh: false }
        : { kind: 'not-ours', fresh: true }
    },
  }
}
