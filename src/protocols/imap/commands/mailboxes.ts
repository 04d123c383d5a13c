/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: one call each. */
import { isRefusal } from '#mail/account.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { loggedIn, type Command } from '../command.ts'
import { no, ok, refusal } from '../reply.ts'

type LoggedIn = 'authenticated' | 'selected'

/** RFC 9051 §6.3.4, with special use RFC 6154 §3. A separator at the end only says that children will follow. */
export const create = {
  name: 'CREATE',
  states: loggedIn,
  async run({ mailbox, role }, { account }) {
    // RFC 6154 §3
    if (role === 'unknown') return no('USEATTR', 'This special use is not supported')
    const name = mailbox.endsWith('/') ? mailbox.slice(0, -1) : mailbox
    const created = await account.createMailbox(name, role ? { role } : {})
    // RFC 8474 §4.1
    if (!isRefusal(created)) return ok('CREATE completed', `MAILBOXID (${printMailboxId(created.id)})`)
    return created.refused === 'has-role' && role ? no('USEATTR', 'This use is taken') : refusal(created)
  },
} satisfies Command<'CREATE', LoggedIn>

/** RFC 9051 §6.3.5 */
export const remove = {
  name: 'DELETE',
  states: loggedIn,
  async run({ mailbox }, { account }) {
    if (mailbox.toUpperCase() === 'INBOX') return no('CANNOT', 'The inbox stays')
    const deleted = await account.deleteMailbox(mailbox)
    return isRefusal(deleted) ? refusal(deleted) : ok('DELETE completed')
  },
} satisfies Command<'DELETE', LoggedIn>

/** RFC 9051 §6.3.6 */
export const rename = {
  name: 'RENAME',
  states: loggedIn,
  async run({ mailbox, to }, { account }) {
    const renamed = await account.renameMailbox(mailbox, to.endsWith('/') ? to.slice(0, -1) : to)
    return isRefusal(renamed) ? refusal(renamed) : ok('RENAME completed')
  },
} satisfies Command<'RENAME', LoggedIn>

/** RFC 9051 §6.3.7. Only a mailbox that exists: a typing error would stay in the list for ever. */
export const subscribe = {
  name: 'SUBSCRIBE',
  states: loggedIn,
  async run({ mailbox }, { account }) {
    const existing = await account.mailboxNamed(mailbox)
    if (!existing) return no('NONEXISTENT', 'No such mailbox')
    await account.subscribe(existing.name, true)
    return ok('SUBSCRIBE completed')
  },
} satisfies Command<'SUBSCRIBE', LoggedIn>

/** RFC 9051 §6.3.8. The name may have ceased to exist (RFC 3501 §6.3.6). */
export const unsubscribe = {
  name: 'UNSUBSCRIBE',
  states: loggedIn,
  async run({ mailbox }, { account }) {
    await account.subscribe(mailbox.toUpperCase() === 'INBOX' ? 'INBOX' : mailbox, false)
    return ok('UNSUBSCRIBE completed')
  },
} satisfies Command<'UNSUBSCRIBE', LoggedIn>
