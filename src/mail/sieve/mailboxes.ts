/** Where fileinto, keep and :fcc put a message. RFC 5490 §3, RFC 9042 §4, RFC 8579 §4 */
import { utf8 } from '#base/bytes.ts'
import { decodeMailboxName } from '#formats/mailbox-name.ts'
import { isMailboxName } from '#formats/sieve/check/common-tags.ts'
import type { MailboxTarget } from '#formats/sieve/program.ts'
import type { MailboxRole } from '../account.ts'
import type { MailboxChoice } from '../filing.ts'
import { SieveFault } from './fault.ts'
import type { SieveMailbox } from './ports.ts'
import type { Run } from './run.ts'
import { texts } from './texts.ts'
import { expand } from './values.ts'

const roles: Readonly<Record<string, MailboxRole>> = {
  '\\archive': 'archive',
  '\\drafts': 'drafts',
  '\\junk': 'junk',
  '\\sent': 'sent',
  '\\trash': 'trash',
}

export function mailboxRole(specialUse: string): MailboxRole | undefined {
  const key = specialUse.toLowerCase()
  return Object.hasOwn(roles, key) ? roles[key] : undefined
}

export async function existingMailbox(run: Run, name: string): Promise<SieveMailbox | undefined> {
  return run.account.mailbox(await meantName(run, name))
}

/**
 * RFC 5228 §4.1: names in scripts are UTF-8. Roundcube, unless told otherwise, writes them as IMAP does; where nothing is called so, and a mailbox
 * of the name that is meant exists, it is that one.
 */
async function meantName({ account }: Run, written: string): Promise<string> {
  const name = normalName(written)
  if (!/^[ -~]*&[A-Za-z0-9+,]+-[ -~]*$/.test(name) || (await account.mailbox(name))) return name
  const meant = decodeMailboxName(utf8(name))
  return meant !== undefined && (await account.mailbox(meant)) ? meant : name
}

/** INBOX in any case; names in NFC, as accounts keep them */
function normalName(name: string): string {
  return name.normalize('NFC').replace(/^inbox(?=\/|$)/i, 'INBOX')
}

export async function chooseMailbox(run: Run, target: MailboxTarget): Promise<MailboxChoice> {
  const name = await meantName(run, expand(run, target.mailbox))
  const { create } = target
  if (!isMailboxName(name)) throw new SieveFault(texts.badMailbox(name))
  if (target.mailboxId !== undefined) {
    const mailboxId = expand(run, target.mailboxId)
    if (await run.account.mailboxById(mailboxId)) return { mailboxId, orName: name, create }
  }
  if (name === 'INBOX') return { role: 'inbox' }
  const role = target.specialUse === undefined ? undefined : mailboxRole(expand(run, target.specialUse))
  if (!role) return { name, create }
  // RFC 8579 §4: the mailbox of that use, else the named one, which is made for that use where it is missing
  if (await run.account.mailboxByRole(role)) return { role } as MailboxChoice
  return create ? { name, create, newRole: role } : { name, create }
}
