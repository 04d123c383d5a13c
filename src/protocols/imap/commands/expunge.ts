import { mailboxSelected, type Command } from '../command.ts'
import { no, ok } from '../reply.ts'

/** EXPUNGE and UID EXPUNGE; the EXPUNGE responses are the news that follow. RFC 9051 §6.4.3, RFC 4315 §2.1 */
export const expunge = {
  name: 'EXPUNGE',
  states: mailboxSelected,
  async run({ uids }, { account, selected }) {
    if (selected.readOnly) return no(undefined, 'The mailbox is selected read-only')
    await account.expunge(selected.mailbox.id, uids && selected.uidsOf(selected.resolve(uids, true)))
    return ok('EXPUNGE completed')
  },
} satisfies Command<'EXPUNGE', 'selected'>
