/** Which letters are news, and what is said of them. */
import type { Id } from '#protocols/jmap/wire.ts'
import type { NewLetter } from '../../worker/told.ts'
import type { EmailRow } from '../emails.ts'
import { aloneNameOf, isSame } from '../people.ts'
import { isSeen, plainSigns } from '../plain-signs.ts'

type Row = Pick<EmailRow, 'id' | 'threadId' | 'mailboxIds' | 'keywords' | 'from' | 'subject' | 'receivedAt'>

/** In the inbox, not read by anybody yet, and not one's own: junk and what filters put elsewhere is none. */
export function isNews({ mailboxIds, keywords, from }: Row, inbox: Id, own: string): boolean {
  const isOwn = from?.some(({ email }) => isSame(email, own)) ?? false
  return (
    mailboxIds[inbox] === true &&
    keywords['$seen'] !== true &&
    keywords['$draft'] !== true &&
    keywords['$junk'] !== true &&
    !isOwn
  )
}

export function newLetter({ id, threadId, from, subject }: Row): NewLetter {
  const [author] = from ?? []
  const who = author && isSeen(author.name ?? '') ? aloneNameOf(author) : (author?.email ?? '')
  return { id, threadId, from: plainSigns(who).trim(), subject: plainSigns(subject ?? '').trim() }
}
