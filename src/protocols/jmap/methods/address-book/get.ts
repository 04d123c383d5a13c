/** RFC 9610 §2.1 */
import { shownBook } from '../../contacts/books.ts'
import { contactsState } from '../../contacts/state.ts'
import { askedIds, askedProperties, getShape, only } from '../../get.ts'
import { accountOf, type Method } from '../../method.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import type { GetResponse } from '../../wire.ts'
import { type AddressBook, contactsCapability } from '../../wire-contacts.ts'

const properties = [
  'id',
  'name',
  'description',
  'sortOrder',
  'isDefault',
  'isSubscribed',
  'shareWith',
  'myRights',
] as const satisfies readonly (keyof AddressBook)[]

export const addressBookGet: Method = {
  capability: contactsCapability,
  async run(given, context): Promise<GetResponse<Partial<AddressBook>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, properties)
    const ids = askedIds(asked.ids, context)
    const account = await accountOf(asked.accountId, context)
    const { books, state } = await account.contacts.read(reader => ({ books: reader.books(), state: reader.state }))
    const shown = new Map(books.map(shownBook).map(book => [book.id, book]))
    return {
      accountId: asked.accountId,
      state: contactsState(state, 'book'),
      list: (ids ?? [...shown.keys()]).flatMap(id => shown.get(id) ?? []).map(book => only(book, wanted)),
      notFound: (ids ?? []).filter(id => !shown.has(id)),
    }
  },
}
