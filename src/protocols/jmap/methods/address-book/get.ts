/** RFC 9610 §2.1 */
import { shownBook } from '../../contacts/books.ts'
import { contactsState } from '../../contacts/state.ts'
import { getOf } from '../../get.ts'
import { type AddressBook, contactsCapability } from '../../wire-contacts.ts'

export const addressBookGet = getOf<AddressBook>({
  capability: contactsCapability,
  properties: ['id', 'name', 'description', 'sortOrder', 'isDefault', 'isSubscribed', 'shareWith', 'myRights'],
  async read(account) {
    const { books, state } = await account.contacts.read(reader => ({ books: reader.books(), state: reader.state }))
    return { state: contactsState(state, 'book'), all: books.map(shownBook) }
  },
})
