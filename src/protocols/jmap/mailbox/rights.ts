/** What a login may do with a mailbox. RFC 8621 §2 */
import type { MailboxRecord } from '#mail/account-reader.ts'
import type { MailboxRights } from '../wire.ts'

/** One's own account. The inbox stays, under its name. */
export function rightsOf({ role }: Pick<MailboxRecord, 'role'>): MailboxRights {
  const isInbox = role === 'inbox'
  return {
    mayReadItems: true,
    mayAddItems: true,
    mayRemoveItems: true,
    maySetSeen: true,
    maySetKeywords: true,
    mayCreateChild: true,
    mayRename: !isInbox,
    mayDelete: !isInbox,
    maySubmit: true,
  }
}
