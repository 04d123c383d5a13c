/** STATUS, LIST and METADATA responses that nobody asked for by a command. RFC 5465 §5 */
import type { Account, MailboxCounters } from '#mail/account.ts'
import type { MailboxId } from '#mail/ids.ts'
import { listedNow, printListed } from '../list-response.ts'
import type { Peer } from '../peer.ts'
import type { Dialect } from '../syntax/dialect.ts'
import { printAstring, printMailbox } from '../syntax/print.ts'
import type { Waiting } from './waiting.ts'

export async function writeWaiting(
  { statuses, names, metadata }: Waiting,
  account: Account,
  selected: MailboxId | undefined,
  { output, enabled }: Peer,
): Promise<void> {
  if (names.size > 0) for (const line of await nameLines(names, account, enabled)) output.write(line)
  for (const { counters, messages, flags } of statuses.values()) {
    if (counters.id === selected) continue
    output.write(statusLine(counters, { messages, flags, modSeq: enabled.condstore }, enabled))
    if (output.isFull) await output.room()
  }
  for (const [mailbox, entries] of metadata) {
    output.write(`* METADATA ${printMailbox(mailbox, enabled)} ${[...entries].map(printAstring).join(' ')}\r\n`)
    if (output.isFull) await output.room()
  }
}

/** §5.1 to §5.3. `modSeq`: for clients that have enabled CONDSTORE, and where STATUS was asked for with FlagChange (§3.1) */
export function statusLine(
  counters: MailboxCounters,
  tell: { readonly messages: boolean; readonly flags: boolean; readonly modSeq: boolean },
  dialect: Dialect,
): string {
  const items: string[] = []
  if (tell.messages) items.push(`MESSAGES ${counters.messages}`, `UIDNEXT ${counters.uidNext}`)
  items.push(`UIDVALIDITY ${counters.uidValidity}`)
  if (tell.flags) items.push(`UNSEEN ${counters.unseen}`)
  if (tell.modSeq) items.push(`HIGHESTMODSEQ ${counters.highestModSeq}`)
  return `* STATUS ${printMailbox(counters.name, dialect)} (${items.join(' ')})\r\n`
}

/** §5.4, §5.5: as the names are now. */
async function nameLines(names: Waiting['names'], account: Account, dialect: Dialect): Promise<readonly string[]> {
  const mailboxes = await account.mailboxes()
  const lines: string[] = []
  for (const [name, from] of names) {
    const oldName = from === name ? undefined : from
    const listed = await listedNow(name, mailboxes, account)
    lines.push(printListed(listed, { dialect, extended: true, tellSubscribed: true, oldName }))
  }
  return lines
}
