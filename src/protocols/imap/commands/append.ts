import { isRefusal } from '#mail/account.ts'
import { loggedIn, type Command } from '../command.ts'
import { tellOldName } from '../list-response.ts'
import { newMessages } from '../new-messages.ts'
import { no, ok, refusal } from '../reply.ts'
import { printNumbers } from '../syntax/sequence-set.ts'

/** APPEND: one message or several (RFC 3502), all or none. RFC 9051 §6.3.12, APPENDUID RFC 4315 §3 */
export const append = {
  name: 'APPEND',
  states: loggedIn,
  async run({ mailbox, oldName, messages }, session, peer) {
    const { account } = session
    const target = await account.mailboxNamed(mailbox)
    if (!target) return no('TRYCREATE', 'No such mailbox')
    const added = await newMessages(messages, session, peer)
    const placed = await account.append(target.id, added, peer.signal)
    if (isRefusal(placed)) return refusal(placed, 'TRYCREATE')
    await tellOldName(target.name, oldName, account, peer)
    const uids = placed.map(({ uid }) => uid)
    return ok('APPEND completed', `APPENDUID ${target.uidValidity} ${printNumbers(uids)}`)
  },
} satisfies Command<'APPEND', 'authenticated' | 'selected'>
