/** An email's place in JMAP: its mailboxes and keywords. RFC 8621 §4.1.1 */
import {
  answeredFlag,
  deletedFlag,
  draftFlag,
  firstKeywordFlag,
  flaggedFlag,
  maxKeywords,
  seenFlag,
} from '#mail/account.ts'
import type { AccountReader, Placement } from '#mail/account-reader.ts'
import type { EmailId } from '#mail/ids.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { noMembers } from '../set.ts'

const system = [
  [seenFlag, '$seen'],
  [flaggedFlag, '$flagged'],
  [answeredFlag, '$answered'],
  [draftFlag, '$draft'],
] as const

/** Those that JMAP shows; none: the email is not there. */
export function shownPlacements(reader: AccountReader, email: EmailId): readonly Placement[] {
  return reader.placements(email).filter(({ flags }) => !(flags & deletedFlag))
}

export function mailboxIdsOf(placements: readonly Placement[]): { readonly [id: string]: true } {
  return Object.fromEntries(placements.map(({ mailbox }) => [printMailboxId(mailbox), true]))
}

/** Lower case (§4.1.1). `names`: of the account, by their place in packed flags */
export function keywordsOf(flags: number, names: readonly string[]): { readonly [keyword: string]: true } {
  const keywords = noMembers<true>()
  for (const [flag, keyword] of system) if (flags & flag) keywords[keyword] = true
  for (let index = 0; index < maxKeywords; index++) {
    const name = names[index]
    if (name !== undefined && Math.floor(flags / (firstKeywordFlag * 2 ** index)) % 2 === 1)
      keywords[name.toLowerCase()] = true
  }
  return keywords
}
