/** A message of an account by what a person knows of it. */
import { match, noMatch } from '#formats/search/segment.ts'
import { fold } from '#formats/search/fold.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { readHead } from '../receive/cut-source.ts'
import type { Account, Mailbox } from '../account.ts'
import type { EmailId } from '../ids.ts'
import { type KeptVerdict, readJunkField } from './field.ts'

export type FoundMessage = { readonly email: EmailId; readonly mailbox: string; readonly uid: number }

/** `about`: a Message-ID, or a UID in `mailbox` (without one: in Junk, then in the inbox). */
export async function findMessage(
  account: Account,
  about: string,
  mailbox: string | undefined,
): Promise<FoundMessage | undefined> {
  const mailboxes = await account.mailboxes()
  const byRole = (role: Mailbox['role']) => mailboxes.filter(one => one.role === role)
  const isUid = /^\d{1,10}$/.test(about)
  const named = mailbox === undefined ? undefined : await account.mailboxNamed(mailbox)
  if (mailbox !== undefined && !named) return undefined
  const first = [...byRole('junk'), ...byRole('inbox')]
  const rest = isUid ? [] : mailboxes.filter(one => !first.includes(one))
  for (const one of named ? [named] : [...first, ...rest]) {
    const found = isUid ? await byUid(account, one, Number(about)) : await byMessageId(account, one, about)
    if (found) return found
  }
  return undefined
}

async function byUid(account: Account, { id, name }: Mailbox, uid: number): Promise<FoundMessage | undefined> {
  const email = await account.emailAt(id, uid)
  return email === undefined ? undefined : { email, mailbox: name, uid }
}

async function byMessageId(account: Account, { id, name }: Mailbox, about: string): Promise<FoundMessage | undefined> {
  using view = await account.open(id)
  if (!view || view.length === 0) return undefined
  const emails = Float64Array.from({ length: view.length }, (_, index) => view.emailId(index))
  const text = fold(`<${about.replace(/^<(.*)>$/, '$1')}>`)
  const term: TextTerm = { in: 'header', field: 'message-id', text }
  const [column] = await account.narrow([term], emails.slice())
  for (let index = view.length - 1; index >= 0; index--) {
    if (column?.[index] === noMatch) continue
    const [read] = await account.readTerms([term], Float64Array.of(emails[index] ?? 0))
    if (read?.[0] === match) return { email: view.emailId(index), mailbox: name, uid: view.uid(index) }
  }
  return undefined
}

/** The verdict that was kept with the message; undefined when it was never judged, or is gone. */
export async function keptVerdictOf(account: Account, email: EmailId): Promise<KeptVerdict | undefined> {
  const message = await account.message(email)
  return message && readJunkField(await readHead(message, traceLookBytes))
}
/** The field stands in our own block, at the front. */
const traceLookBytes = 64 * 1024
