/** RFC 9610 §3.1 */
import { setImmediate as nextTick } from 'node:timers/promises'
import { printCardId, readCardId } from '#formats/jscontact/ids.ts'
import type { ContactCardRow, Contacts, ContactsState } from '#mail/contacts.ts'
import { contactsState } from '../../contacts/state.ts'
import { askedIds, getShape, only } from '../../get.ts'
import { maxCardCharactersInGet, maxObjectsInGet, rowsPerRead } from '../../limits.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import type { GetResponse, Id } from '../../wire.ts'
import { type ContactCard, contactsCapability } from '../../wire-contacts.ts'

export const contactCardGet: Method = {
  capability: contactsCapability,
  async run(given, context): Promise<GetResponse<Partial<ContactCard>>> {
    const asked = checkArguments(given, getShape)
    const ids = askedIds(asked.ids, context)
    const { contacts } = await accountOf(asked.accountId, context)
    // a card may have properties that nobody knows: any may be asked for
    const wanted = asked.properties && new Set(['id', ...asked.properties])
    const { rows, state } = ids ? await readByIds(contacts, ids) : await readAll(contacts)
    const found = new Set(rows.map(({ id }) => printCardId(id)))
    return {
      accountId: asked.accountId,
      state: contactsState(state, 'card'),
      list: rows.map(row => (wanted ? only(shownCard(row), wanted) : shownCard(row))),
      notFound: (ids ?? []).filter(id => !found.has(id)),
    }
  },
}

type Found = { readonly state: ContactsState; readonly rows: readonly ContactCardRow[] }

/** The state is that of before: what changes meanwhile is told again. */
async function readByIds(contacts: Contacts, ids: readonly Id[]): Promise<Found> {
  const state = await contacts.read(reader => reader.state)
  const rows: ContactCardRow[] = []
  for (let from = 0; from < ids.length; from += rowsPerRead) {
    if (from > 0) await nextTick()
    const wanted = ids.slice(from, from + rowsPerRead).map(id => readCardId(id) ?? 0)
    rows.push(...(await contacts.read(reader => wanted.flatMap(id => reader.card(id) ?? []))))
    checkLength(rows)
  }
  return { state, rows }
}

async function readAll(contacts: Contacts): Promise<Found> {
  const state = await contacts.read(reader => reader.state)
  const rows: ContactCardRow[] = []
  for (let more = true; more; ) {
    const next = await contacts.read(reader => reader.cards(rows.at(-1)?.id ?? 0, rowsPerRead))
    rows.push(...next)
    // RFC 8620 §5.1
    if (rows.length > maxObjectsInGet)
      throw new MethodFault('requestTooLarge', `There are more than ${maxObjectsInGet}: ask for them by their ids`)
    checkLength(rows)
    more = next.length === rowsPerRead
  }
  return { state, rows }
}

function checkLength(rows: readonly ContactCardRow[]): void {
  if (rows.reduce((sum, { value }) => sum + value.length, 0) > maxCardCharactersInGet)
    throw new MethodFault('requestTooLarge', 'These are too large for one answer: ask for fewer')
}

function shownCard({ id, value }: ContactCardRow): ContactCard {
  return { id: printCardId(id), ...(JSON.parse(value) as Omit<ContactCard, 'id'>) }
}
