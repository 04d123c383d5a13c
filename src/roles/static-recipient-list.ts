import { canonicalDomain } from '#formats/address/domain.ts'
import type { RecipientList } from '#mail/recipient-list.ts'
import type { LearnedRecipients } from './learned-recipients.ts'

/**
 * Where home writes no list (a stand-in): the configured domains are ours, and each name in them is asked of home; while
 * it is away, those are known to which it said yes. `configured` gives the same array until the configuration is read again.
 */
export function domainsOnly(configured: () => readonly string[], learned: LearnedRecipients): RecipientList {
  let read: readonly string[] | undefined
  let ours = new Set<string>()
  const domains = () => {
    const now = configured()
    if (now !== read) ours = new Set(now.map(domain => canonicalDomain(domain) ?? domain))
    read = now
    return ours
  }
  return {
    get domains() {
      return [...domains()]
    },
    ageMs: () => undefined,
    look(address) {
      const domain = canonicalDomain(address.slice(address.lastIndexOf('@') + 1))
      if (domain === undefined || !domains().has(domain)) return { kind: 'not-ours', fresh: true }
      return learned.has(address) ? { kind: 'known' } : { kind: 'unknown', fresh: false }
    },
  }
}
