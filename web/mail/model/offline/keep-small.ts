/** Contacts and preferences (labels stand there) as the server has them, for reading. RFC 9610 §3 */
import type { Id, JsonObject } from '#protocols/jmap/wire.ts'
import type { AddressBook, ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import type { Shelf } from './shelf.ts'

export type KeptContacts = {
  readonly state: string
  readonly bookState: string
  readonly books: readonly AddressBook[]
  readonly cards: readonly ContactCard[]
}

export type KeptPreferences = { readonly state: string; readonly list: readonly JsonObject[] }

type Parts = { readonly client: Pick<Client, 'batch' | 'send' | 'limits'>; readonly shelf: Shelf }

const pageSize = 500
/** More than that is nobody's address book, and a page would search through it for long */
const maxCards = 5_000

export async function keepSmall(parts: Parts, signal: AbortSignal): Promise<void> {
  await ifKnown(() => keepPreferences(parts, signal))
  await ifKnown(() => keepContacts(parts, signal))
}

/** A server may know neither. RFC 8620 §3.6.2 */
async function ifKnown(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof MethodFault)) throw error
  }
}

async function keepPreferences({ client, shelf }: Parts, signal: AbortSignal): Promise<void> {
  const calls = client.batch()
  const get = calls.call('Preferences/get', { ids: null })
  const { state, list } = (await client.send(calls, { signal })).of(get)
  const value = { state, list: list as unknown as readonly JsonObject[] } satisfies KeptPreferences
  await shelf.change([{ in: 'facts', key: 'preferences', value }])
}

async function keepContacts({ client, shelf }: Parts, signal: AbortSignal): Promise<void> {
  const kept = await shelf.get<KeptContacts>('facts', 'contacts')
  const calls = client.batch()
  const asked = calls.call('AddressBook/get', { ids: null })
  const now = calls.call('ContactCard/get', { ids: [] })
  const answers = await client.send(calls, { signal })
  const { state } = answers.of(now)
  const books = answers.of(asked)
  if (kept?.state === state && kept.bookState === books.state) return
  const cards = new Map<Id, ContactCard>()
  while (cards.size < maxCards) {
    const page = client.batch()
    const query = page.call('ContactCard/query', { position: cards.size, limit: pageSize })
    const get = page.call('ContactCard/get', { '#ids': query.result('/ids') })
    const found = (await client.send(page, { signal })).of(get).list
    const before = cards.size
    for (const card of found) cards.set(card.id, card)
    if (found.length < pageSize || cards.size === before) break
  }
  // as of the first answer: what changed while we read is told by the changes since then
  const value: KeptContacts = { state, bookState: books.state, books: books.list, cards: [...cards.values()] }
  await shelf.change([{ in: 'facts', key: 'contacts', value }])
}
