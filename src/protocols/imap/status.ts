import type { Mailbox } from '#mail/account.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { printMailbox } from './syntax/print.ts'
import type { StatusItem } from './syntax/request.ts'

/** The STATUS response, for STATUS and for LIST … RETURN (STATUS …). RFC 9051 §7.3.4, RFC 5819, RFC 8438 */
export function printStatus(mailbox: Mailbox, items: readonly StatusItem[]): string {
  const pairs = [...new Set(items)].map(item => `${item} ${statusValue(mailbox, item)}`)
  return `* STATUS ${printMailbox(mailbox.name)} (${pairs.join(' ')})\r\n`
}

function statusValue(mailbox: Mailbox, item: StatusItem): number | string {
  switch (item) {
    case 'MESSAGES':
      return mailbox.messages
    case 'RECENT':
      // \Recent is not kept: RFC 9051 has dropped it, and no client of today relies on it
      return 0
    case 'UIDNEXT':
      return mailbox.uidNext
    case 'UIDVALIDITY':
      return mailbox.uidValidity
    case 'UNSEEN':
      return mailbox.unseen
    case 'DELETED':
      return mailbox.deleted
    case 'SIZE':
      return mailbox.sizeBytes
    case 'HIGHESTMODSEQ':
      return mailbox.highestModSeq
    case 'MAILBOXID':
      return `(${printMailboxId(mailbox.id)})`
    default:
      return item satisfies never
  }
}
