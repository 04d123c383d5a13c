/** What stands in a person's mailboxes, asked by JMAP: not the way by which the client under test looks. */
import { eventually } from '../../support/peers.ts'
import type { Person, WebmailHome } from '../../webmail/home.ts'

export type Letter = { readonly subject: string; readonly keywords: Readonly<Record<string, true>> }
export type Folder = { readonly id: string; readonly name: string; readonly role: string | null }

export async function foldersOf(home: WebmailHome, person: Person): Promise<readonly Folder[]> {
  const [found] = await home.jmap(person, ['Mailbox/get', {}])
  return (found?.[1]['list'] ?? []) as readonly Folder[]
}

/** By its role or its name; oldest first, none where there is no such folder */
export async function lettersIn(home: WebmailHome, person: Person, folder: string): Promise<readonly Letter[]> {
  const mailbox = (await foldersOf(home, person)).find(({ role, name }) => role === folder || name === folder)
  if (!mailbox) return []
  const sort = [{ property: 'receivedAt' }]
  const [, got] = await home.jmap(
    person,
    ['Email/query', { filter: { inMailbox: mailbox.id }, sort }],
    [
      'Email/get',
      { '#ids': { resultOf: 'c0', name: 'Email/query', path: '/ids' }, properties: ['subject', 'keywords'] },
    ],
  )
  return (got?.[1]['list'] ?? []) as readonly Letter[]
}

/** Waits until one with this subject stands there. */
export function letterIn(home: WebmailHome, person: Person, folder: string, subject: string): Promise<Letter> {
  return eventually(`"${subject}" stands in ${folder} of ${person}`, async () =>
    (await lettersIn(home, person, folder)).find(letter => letter.subject === subject),
  )
}
