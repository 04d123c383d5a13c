/** What is kept on the shelf, as it will be after all that waits. */
import type { Id, Mailbox } from '#protocols/jmap/wire.ts'
import type { Identity } from '#protocols/jmap/wire-sending.ts'
import type { Letter } from '../conversation.ts'
import type { EmailRow } from '../emails.ts'
import { afterAll, type Entry } from './entry.ts'
import type { KeptLetter, KeptMailboxes } from './keeper.ts'
import type { KeptContacts, KeptPreferences } from './keep-small.ts'
import type { Shelf } from './shelf.ts'

export type Kept = {
  readonly mailboxes: { readonly state: string; readonly list: readonly Mailbox[] }
  readonly identities: readonly Identity[]
  readonly emailState: string
  /** By id, as they are after all that waits to be done */
  readonly rows: ReadonlyMap<Id, EmailRow>
  letter(id: Id): Promise<Letter | undefined>
  contacts(): Promise<KeptContacts | undefined>
  preferences(): Promise<KeptPreferences | undefined>
}

/** Undefined: nothing yet */
export async function keptOn(shelf: Shelf, waiting: readonly Entry[]): Promise<Kept | undefined> {
  const mailboxes = await shelf.get<KeptMailboxes>('facts', 'mailboxes')
  const emailState = await shelf.get<string>('facts', 'emailState')
  if (!mailboxes || emailState === undefined) return undefined
  const rows = new Map((await shelf.all<EmailRow>('rows')).map(row => [row.id, row]))
  return {
    mailboxes,
    emailState,
    identities: (await shelf.get<readonly Identity[]>('facts', 'identities')) ?? [],
    rows: afterAll(rows, waiting),
    letter: async id => (await shelf.get<KeptLetter>('letters', id))?.letter,
    contacts: () => shelf.get<KeptContacts>('facts', 'contacts'),
    preferences: () => shelf.get<KeptPreferences>('facts', 'preferences'),
  }
}
