import type { Account, Mailbox } from '#mail/account.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import type { Peer } from './peer.ts'
import { printMailbox } from './syntax/print.ts'
import type { StatusItem } from './syntax/request.ts'

/** The STATUS response, for STATUS and for LIST … RETURN (STATUS …). RFC 9051 §7.3.4, RFC 5819, RFC 8438 */
export async function readStatus(
  account: Account,
  mailbox: Mailbox,
  items: readonly StatusItem[],
  { appendLimitBytes, enabled }: Pick<Peer, 'appendLimitBytes' | 'enabled'>,
): Promise<string> {
  const deletedBytes = items.includes('DELETED-STORAGE') ? await deletedBytesOf(account, mailbox) : 0
  const pairs = [...new Set(items)].map(
    item => `${item} ${statusValue(mailbox, item, { deletedBytes, appendLimitBytes })}`,
  )
  return `* STATUS ${printMailbox(mailbox.name, enabled)} (${pairs.join(' ')})\r\n`
}

/** The only value that has to be counted. In octets, a sum of RFC822.SIZE: RFC 9208 §4.1.4 (the units of 1024 are of STORAGE, §5.1). */
async function deletedBytesOf(account: Account, mailbox: Mailbox): Promise<number> {
  return mailbox.deleted === 0 ? 0 : await account.deletedBytes(mailbox.id)
}

type Counted = { readonly deletedBytes: number; readonly appendLimitBytes: number }

function statusValue(mailbox: Mailbox, item: StatusItem, counted: Counted): number | string {
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
    case 'DELETED-STORAGE':
      return counted.deletedBytes
    case 'SIZE':
      return mailbox.sizeBytes
    case 'HIGHESTMODSEQ':
      return mailbox.highestModSeq
    case 'APPENDLIMIT':
      return counted.appendLimitBytes
    case 'MAILBOXID':
      return `(${printMailboxId(mailbox.id)})`
    default:
      return item satisfies never
  }
}
