import { mailboxSelected, type Command } from '../command.ts'
import { reachedAfterNews } from '../news.ts'
import { no, ok } from '../reply.ts'

/** EXPUNGE and UID EXPUNGE; the EXPUNGE responses are the news that follow. RFC 9051 §6.4.3, RFC 4315 §2.1 */
export const expunge = {
  name: 'EXPUNGE',
  states: mailboxSelected,
  async run({ uids }, { account, selected }, peer, tag) {
    if (selected.readOnly) return no(undefined, 'The mailbox is selected read-only')
    const named = uids && selected.uidRangesOf(selected.resolve(uids, true))
    const { expunged } = await peer.progress.during({ tag }, () => account.expunge(selected.mailbox.id, named))
    // also when what others have removed is told now (RFC 7162 §3.2.7)
    const isTold = expunged.length > 0 || selected.view.hasNews
    return ok('EXPUNGE completed', isTold ? await reachedAfterNews(selected, peer) : undefined)
  },
} satisfies Command<'EXPUNGE', 'selected'>
