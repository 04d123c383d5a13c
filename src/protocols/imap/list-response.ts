/** The LIST response. RFC 9051 §7.3.1, RFC 5258 §4 */
import type { Account, Mailbox } from '#mail/account.ts'
import { listedName, type ListedName } from './list-names.ts'
import type { Peer } from './peer.ts'
import type { Dialect } from './syntax/dialect.ts'
import { printMailbox, quoted, quotedMailbox } from './syntax/print.ts'
import { specialUseOf } from './syntax/roles.ts'

export type ListedForm = {
  readonly dialect: Dialect
  /** `\NonExistent` may be said (RFC 5258 §3); it implies `\Noselect` */
  readonly extended: boolean
  readonly tellSubscribed: boolean
  /** As the client wrote the name, when it was not normalized (RFC 9051 §6.3.9.7); or before a renaming (RFC 5465 §5.4) */
  readonly oldName?: string | undefined
}

export function printListed(listed: ListedName, { dialect, extended, tellSubscribed, oldName }: ListedForm): string {
  const attributes: string[] = []
  if (!listed.mailbox) attributes.push(extended || dialect.rev2 ? '\\NonExistent' : '\\Noselect')
  if (tellSubscribed && listed.subscribed) attributes.push('\\Subscribed')
  attributes.push(listed.hasChildren ? '\\HasChildren' : '\\HasNoChildren')
  const use = specialUseOf(listed.mailbox?.role)
  if (use) attributes.push(use)
  const more: string[] = []
  // RFC 5258 §3.5: a child was subscribed
  if (listed.childMatches) more.push(`${quoted('CHILDINFO')} (${quoted('SUBSCRIBED')})`)
  if (oldName !== undefined) more.push(`${quoted('OLDNAME')} (${quotedMailbox(oldName, dialect)})`)
  const extension = more.length > 0 ? ` (${more.join(' ')})` : ''
  return `* LIST (${attributes.join(' ')}) "/" ${printMailbox(listed.name, dialect)}${extension}\r\n`
}

/** Under IMAP4rev2: the one mailbox that a command is about, with all its attributes. RFC 9051 §6.3.2 */
export async function tellListed(
  name: string,
  oldName: string | undefined,
  account: Account,
  peer: Peer,
): Promise<void> {
  if (!peer.enabled.rev2) return
  const listed = await listedNow(name, await account.mailboxes(), account)
  peer.output.write(printListed(listed, { dialect: peer.enabled, extended: true, tellSubscribed: true, oldName }))
}

/** Also a name without a mailbox may be subscribed. */
export async function listedNow(name: string, mailboxes: readonly Mailbox[], account: Account): Promise<ListedName> {
  const listed = listedName(name, mailboxes) ?? absent(name)
  if (listed.mailbox) return listed
  return { ...listed, subscribed: (await account.subscriptions()).includes(name) }
}

function absent(name: string): ListedName {
  return { name, mailbox: undefined, subscribed: false, hasChildren: false, meets: false, childMatches: false }
}

/** Under IMAP4rev2: what the name is that a client wrote in another form. RFC 9051 §6.3.9.7 */
export async function tellOldName(
  name: string,
  oldName: string | undefined,
  account: Account,
  peer: Peer,
): Promise<void> {
  if (oldName !== undefined) await tellListed(name, oldName, account, peer)
}
