import { loggedIn, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { no, ok } from '../reply.ts'
import { readStatus } from '../status.ts'

/** STATUS. RFC 9051 §6.3.11 */
export const status = {
  name: 'STATUS',
  states: loggedIn,
  async run({ mailbox, items }, session, peer) {
    const found = await session.account.mailboxNamed(mailbox)
    if (!found) return no('NONEXISTENT', 'No such mailbox')
    if (items.includes('HIGHESTMODSEQ')) enableCondstore(session, peer)
    peer.output.write(await readStatus(session.account, found, items, peer))
    return ok('STATUS completed')
  },
} satisfies Command<'STATUS', 'authenticated' | 'selected'>
