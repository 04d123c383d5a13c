/** RFC 9610 §3.6. Between two accounts, and a login has one: so far it can only be refused. */
import { refusedCopy } from '../../copy.ts'
import { contactsCapability } from '../../wire-contacts.ts'

export const contactCardCopy = refusedCopy(contactsCapability)
