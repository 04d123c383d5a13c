/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: one call each. */
import { isRefusal, type Account } from '#mail/account.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { loggedIn, type Command } from '../command.ts'
import { tellOldName } from '../list-response.ts'
import { no, ok, okAnd, refusal } from '../reply.ts'
import { deselected } from '../session.ts'

type LoggedIn = 'authenticated' | 'selected'

/** RFC 9051 §6.3.4, with special use RFC 6154 §3. A separator at the end only says that children will follow. */
export const create = {
  name: 'CREATE',
  states: loggedIn,
  async run({ mailbox, role, oldName }, { account }, peer) {
    // RFC 6154 §3
    if (role === 'unknown') return no('USEATTR', 'This special use is not supported')
    const name = mailbox.endsWith('/') ? mailbox.slice(0, -1) : mailbox
    const created = await account.createMailbox(name, role ? { role } : {})
    if (isRefusal(created))
      return created.refused === 'has-role' && role ? no('USEATTR', 'This use is taken') : refusal(created)
    await tellOldName(name, oldName, account, peer)
    // RFC 8474 §4.1
    return ok('CREATE completed', `MAILBOXID (${printMailboxId(created.id)})`)
  },
} satisfies Command<'CREATE', LoggedIn>

/** RFC 9051 §6.3.5 */
export const remove = {
  name: 'DELETE',
  states: loggedIn,
  async run({ mailbox, oldName }, session, peer) {
    const { account } = session
    if (/^inbox$/i.test(mailbox)) return no('CANNOT', 'The inbox stays')
    const deleted = await account.deleteMailbox(mailbox)
    if (isRefusal(deleted))
      return (await isParent(mailbox, account)) ? no('HASCHILDREN', 'Only its children exist') : refusal(deleted)
    await tellOldName(mailbox, oldName, account, peer)
    if (session.kind !== 'selected' || !session.selected.view.gone) return ok('DELETE completed')
    // who deletes what it has selected goes on without; others that have it selected get a BYE
    peer.output.write('* OK [CLOSED] The selected mailbox is deleted\r\n')
    return okAnd(deselected(session), 'DELETE completed')
  },
} satisfies Command<'DELETE', LoggedIn>

async function isParent(name: string, account: Account): Promise<boolean> {
  const mailboxes = await account.mailboxes()
  return !mailboxes.some(mailbox => mailbox.name === name) && mailboxes.some(child => child.name.startsWith(`${name}/`))
}

/** RFC 9051 §6.3.6 */
export const rename = {
  name: 'RENAME',
  states: loggedIn,
  async run({ mailbox, to, oldName }, { account }, peer) {
    const name = to.endsWith('/') ? to.slice(0, -1) : to
    const renamed = await account.renameMailbox(mailbox, name)
    if (isRefusal(renamed)) return refusal(renamed)
    await tellOldName(name, oldName, account, peer)
    return ok('RENAME completed')
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
    await account.subscribe(/^inbox$/i.test(mailbox) ? 'INBOX' : mailbox, false)
    return ok('UNSUBSCRIBE completed')
  },
} satisfies Command<'UNSUBSCRIBE', LoggedIn>
