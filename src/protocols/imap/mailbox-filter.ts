/** Which mailboxes a filter means. RFC 5465 §6, RFC 7377 §2.2 */
import type { Mailbox, MailboxRole } from '#mail/account.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { MailboxFilter } from './syntax/mailbox-filter.ts'

/** Each once, in the order of `mailboxes`. Names of mailboxes that do not exist mean nothing. */
export function filteredMailboxes(
  filters: readonly MailboxFilter[],
  mailboxes: readonly Mailbox[],
  selected: MailboxId | undefined,
): readonly Mailbox[] {
  return mailboxes.filter(mailbox => filters.some(filter => isMeant(filter, mailbox, selected)))
}

/** RFC 5465 §6.3: a delivery may go there. */
export function isDeliveredTo(role: MailboxRole | undefined): boolean {
  return role === 'inbox' || role === 'junk'
}

function isMeant(filter: MailboxFilter, mailbox: Mailbox, selected: MailboxId | undefined): boolean {
  switch (filter.filter) {
    case 'SELECTED':
    case 'SELECTED-DELAYED':
      return mailbox.id === selected
    case 'INBOXES':
      return isDeliveredTo(mailbox.role)
    case 'PERSONAL':
      return true
    case 'SUBSCRIBED':
      return mailbox.subscribed
    case 'MAILBOXES':
      return filter.mailboxes.some(name => canonical(name) === mailbox.name)
    case 'SUBTREE':
      return filter.mailboxes.some(name => levelsBelow(canonical(name), mailbox.name) >= 0)
    case 'SUBTREE-ONE':
      return filter.mailboxes.some(name => {
        const levels = levelsBelow(canonical(name), mailbox.name)
        return levels === 0 || levels === 1
      })
    default:
      return filter satisfies never
  }
}

/** 0 for the top itself, -1 for what is not below it; the empty name is above all. */
function levelsBelow(top: string, name: string): number {
  if (name === top) return 0
  const prefix = top === '' ? '' : `${top}/`
  return name.startsWith(prefix) ? name.slice(prefix.length).split('/').length : -1
}

/** RFC 9051 §5.1 */
function canonical(name: string): string {
  return /^inbox$/i.test(name) ? 'INBOX' : name
}
