/** RFC 9610 §2.2 */
import { printBookId } from '#formats/jscontact/ids.ts'
import { contactChangesOf } from '../../contacts/state.ts'
import type { Method } from '../../method.ts'
import { contactsCapability } from '../../wire-contacts.ts'

export const addressBookChanges: Method = {
  capability: contactsCapability,
  run: (given, context) => contactChangesOf(given, context, 'book', printBookId),
}
