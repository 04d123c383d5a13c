/** Which emails a move takes along, and what it makes of each. */
import type { Email, Id, MailboxRole } from '#protocols/jmap/wire.ts'
import type { EmailPatch } from './emails.ts'
import type { Mailboxes } from './mailboxes.ts'

/** Letters that a move leaves where they are: one's own copies, what is being written, what was thrown away. */
const staying: readonly MailboxRole[] = ['sent', 'drafts', 'trash', 'junk']

export type Move = {
  readonly to: Id
  /** The mailbox that is looked at; undefined in a search */
  readonly here: Id | undefined
  readonly keywords?: EmailPatch['keywords']
}

/** What is in the mailbox that is looked at; in a search, what does not stay where it is. Undefined: it does not go. */
export function movePatch(
  { to, here, keywords }: Move,
  mailboxes: Mailboxes,
): (row: Pick<Email, 'mailboxIds'>) => EmailPatch | undefined {
  const left = new Set(staying.map(role => mailboxes.role(role)?.id))
  return ({ mailboxIds }) => {
    const goes = here === undefined ? !Object.keys(mailboxIds).some(id => left.has(id)) : mailboxIds[here] === true
    if (!goes || mailboxIds[to] === true) return undefined
    const from = here === undefined ? Object.keys(mailboxIds) : [here]
    return {
      mailboxIds: { ...Object.fromEntries(from.map(id => [id, null])), [to]: true },
      ...(keywords && { keywords }),
    }
  }
}

/** Junk filters learn from the keyword as well as from the move. */
export function junkKeywords(isJunk: boolean): NonNullable<EmailPatch['keywords']> {
  return { $junk: isJunk ? true : null, $notjunk: isJunk ? null : true }
}
