import { isRefusal } from '#mail/account.ts'
import { mailboxSelected, type Command } from '../command.ts'
import { tellOldName } from '../list-response.ts'
import { newMessages } from '../new-messages.ts'
import { reachedAfterNews } from '../news.ts'
import { no, ok, refusal } from '../reply.ts'

/**
 * REPLACE: a new message into the named mailbox and, in the same commit, the old one out of the selected mailbox. RFC 8508
 * §3.4. APPENDUID comes before the EXPUNGE (§4.3), which is the news that follow the command.
 */
export const replace = {
  name: 'REPLACE',
  states: mailboxSelected,
  async run({ replaced, byUid, mailbox, oldName, message }, session, peer) {
    const { account, selected } = session
    if (selected.readOnly) return no(undefined, 'The mailbox is selected read-only')
    const [uid] = selected.uidsOf(selected.resolve([{ first: replaced, last: replaced }], byUid))
    if (uid === undefined) return no(undefined, 'There is no message to be replaced')
    const target = await account.mailboxNamed(mailbox)
    if (!target) return no('TRYCREATE', 'No such mailbox')
    const [added] = await newMessages([message], session, peer)
    if (!added) throw new Error('Nothing was made of the message')
    const placed = await account.replace(target.id, added, { mailbox: selected.mailbox.id, uid }, peer.signal)
    if (isRefusal(placed)) return refusal(placed, 'TRYCREATE')
    await tellOldName(target.name, oldName, account, peer)
    peer.output.write(`* OK [APPENDUID ${target.uidValidity} ${placed.uid}] Replacement Message ready\r\n`)
    // RFC 8508 §4.5: as after UID EXPUNGE
    return ok('REPLACE completed', await reachedAfterNews(selected, peer))
  },
} satisfies Command<'REPLACE', 'selected'>
