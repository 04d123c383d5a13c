/** RFC 9610 §3.2 */
import { printCardId } from '#formats/jscontact/ids.ts'
import { contactChangesOf } from '../../contacts/state.ts'
import type { Method } from '../../method.ts'
import { contactsCapability } from '../../wire-contacts.ts'

export const contactCardChanges: Method = {
  capability: contactsCapability,
  run: (given, context) => contactChangesOf(given, context, 'card', printCardId),
}
