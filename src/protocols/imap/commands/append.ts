import { isRefusal, type NewMessage } from '#mail/account.ts'
import { memorySource } from '#formats/message-source.ts'
import { loggedIn, type Command } from '../command.ts'
import { flagChange } from '../flags.ts'
import { tellOldName } from '../list-response.ts'
import { no, ok, refusal } from '../reply.ts'
import type { AppendMessage } from '../syntax/request.ts'
import { printNumbers } from '../syntax/sequence-set.ts'

/** APPEND: one message or several (RFC 3502), all or none. RFC 9051 §6.3.12, APPENDUID RFC 4315 §3 */
export const append = {
  name: 'APPEND',
  states: loggedIn,
  async run({ mailbox, oldName, messages }, { account }, peer) {
    const target = await account.mailboxNamed(mailbox)
    if (!target) return no('TRYCREATE', 'No such mailbox')
    const now = Date.now()
    const added = messages.map(message => newMessage(message, now))
    if (added.some(isEmpty)) return emptyMessage
    const placed = await account.append(target.id, added, peer.signal)
    if (isRefusal(placed)) return refusal(placed, 'TRYCREATE')
    await tellOldName(target.name, oldName, account, peer)
    const uids = placed.map(({ uid }) => uid)
    return ok('APPEND completed', `APPENDUID ${target.uidValidity} ${printNumbers(uids)}`)
  },
} satisfies Command<'APPEND', 'authenticated' | 'selected'>

export const emptyMessage = no('CANNOT', 'An empty message cannot be kept')

export function isEmpty({ message }: NewMessage): boolean {
  return message.sizeBytes === 0
}

/** As the account takes it. `now`: of a message without a date of its own, milliseconds since 1970 */
export function newMessage({ flags, internalDate, message }: AppendMessage, now: number): NewMessage {
  const source = message.kind === 'message' ? message.source : memorySource(message.bytes)
  return { message: source, flags: flagChange('replace', flags), internalDate: internalDate ?? now }
}
