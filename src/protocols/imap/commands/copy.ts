import { isRefusal, type Copied } from '#mail/account.ts'
import { mailboxSelected, type Command } from '../command.ts'
import { reachedAfterNews } from '../news.ts'
import { no, ok, refusal } from '../reply.ts'
import { printPairs } from '../syntax/sequence-set.ts'

/** COPY: the selected messages, with their flags and dates, into another mailbox. RFC 9051 §6.4.7 */
export const copy = {
  name: 'COPY',
  states: mailboxSelected,
  async run({ messages, byUid, mailbox }, { account, selected }, peer, tag) {
    const uids = selected.uidRangesOf(selected.resolve(messages, byUid))
    const target = await account.mailboxNamed(mailbox)
    // RFC 9051 §6.4.7: MUST send TRYCREATE
    if (!target) return no('TRYCREATE', 'No such mailbox')
    const copied = await peer.progress.during({ tag }, () => account.copy(selected.mailbox.id, uids, target.id))
    if (isRefusal(copied)) return refusal(copied, 'TRYCREATE')
    return ok('COPY completed', copyUid(copied))
  },
} satisfies Command<'COPY', 'selected'>

/** MOVE: COPYUID comes before the EXPUNGE responses, which are the news that follow the command. RFC 6851 §4.3 */
export const move = {
  name: 'MOVE',
  states: mailboxSelected,
  async run({ messages, byUid, mailbox }, { account, selected }, peer, tag) {
    if (selected.readOnly) return no(undefined, 'The mailbox is selected read-only')
    const uids = selected.uidRangesOf(selected.resolve(messages, byUid))
    const target = await account.mailboxNamed(mailbox)
    if (!target) return no('TRYCREATE', 'No such mailbox')
    const moved = await peer.progress.during({ tag }, () => account.move(selected.mailbox.id, uids, target.id))
    if (isRefusal(moved)) return refusal(moved, 'TRYCREATE')
    const code = copyUid(moved)
    if (code) peer.output.write(`* OK [${code}] Moved\r\n`)
    // RFC 7162 §3.2.7 goes for MOVE too (RFC 6851 §4.4)
    return ok('MOVE completed', code && (await reachedAfterNews(selected, peer)))
  },
} satisfies Command<'MOVE', 'selected'>

/** RFC 4315 §3; nothing to say when nothing was copied. The pairs keep their order, so the sets are not sorted. */
function copyUid({ uidValidity, from, to }: Copied): string | undefined {
  return from.length === 0 ? undefined : `COPYUID ${uidValidity} ${printPairs(from)} ${printPairs(to)}`
}
