import { mailboxSelected, type Command } from '../command.ts'
import { okAnd } from '../reply.ts'
import { deselected } from '../session.ts'

/** CLOSE: expunges without a word. RFC 9051 §6.4.1 */
export const close = {
  name: 'CLOSE',
  states: mailboxSelected,
  async run(_request, session, peer, tag) {
    const { account, selected } = session
    if (!selected.readOnly) await peer.progress.during({ tag }, () => account.expunge(selected.mailbox.id))
    return okAnd(deselected(session), 'CLOSE completed')
  },
} satisfies Command<'CLOSE', 'selected'>

/** UNSELECT: leaves without expunging. RFC 9051 §6.4.2 */
export const unselect = {
  name: 'UNSELECT',
  states: mailboxSelected,
  run: (_request, session) => okAnd(deselected(session), 'UNSELECT completed'),
} satisfies Command<'UNSELECT', 'selected'>
