/** RFC 8621 §4.7. Between two accounts, and a login has one: so far it can only be refused. */
import { refusedCopy } from '../../copy.ts'
import { mailCapability } from '../../wire.ts'

export const emailCopy = refusedCopy(mailCapability)
