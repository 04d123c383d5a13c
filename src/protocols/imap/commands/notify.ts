import { watchNothing } from '../account-news.ts'
import { loggedIn, type Command } from '../command.ts'
import { isDeliveredTo } from '../mailbox-filter.ts'
import { tellNews } from '../news.ts'
import { statusLine } from '../notify/write.ts'
import { Watch } from '../notify/watch.ts'
import type { Peer } from '../peer.ts'
import { bad, no, ok, okAnd } from '../reply.ts'
import { gone, type Authenticated, type Selected } from '../session.ts'
import { notifyEvents, type NotifyGroup } from '../syntax/request.ts'

/** There are no annotations of messages here (RFC 5257). */
const supported = notifyEvents.filter(event => event !== 'AnnotationChange')

/** NOTIFY: what is told at any time from now on, and what is not. RFC 5465 §3.1 */
export const notify = {
  name: 'NOTIFY',
  states: loggedIn,
  async run({ set }, session, peer) {
    if (!set) {
      await peer.listen(session.account).notify(watchNothing)
      return ok('NOTIFY completed')
    }
    // §3.1: NO, and not BAD
    if (set.groups.some(isUnsupported)) return no(`BADEVENT (${supported.join(' ')})`, 'There is no such event here')
    if (!set.groups.every(isWhole)) return bad('MessageNew and MessageExpunge go together, and FlagChange needs both')
    if (session.kind === 'selected') {
      // an implicit NOOP, also for who has not been told until now
      const there = await tellNews(session.selected, peer.output, { expunges: true, ...peer.enabled })
      if (!there) return okAnd(gone('The mailbox is gone'), 'NOTIFY completed')
      session.selected.takeNew()
    }
    const watch = new Watch(set.groups)
    await peer.listen(session.account).notify(watch)
    if (set.status) await writeStatuses(watch, session, peer)
    return ok('NOTIFY completed')
  },
} satisfies Command<'NOTIFY', 'authenticated' | 'selected'>

function isUnsupported({ events }: NotifyGroup): boolean {
  return events.some(({ event }) => !supported.some(known => known === event))
}

/** §5 */
function isWhole({ events }: NotifyGroup): boolean {
  const names = new Set(events.map(({ event }) => event))
  const both = names.has('MessageNew') && names.has('MessageExpunge')
  return both || !(names.has('MessageNew') || names.has('MessageExpunge') || names.has('FlagChange'))
}

/** §3.1: from here on the client can count. */
async function writeStatuses(
  watch: Watch,
  session: Authenticated | Selected,
  { output, enabled }: Peer,
): Promise<void> {
  const selected = session.kind === 'selected' ? session.selected.mailbox.id : undefined
  for (const mailbox of await session.account.mailboxes()) {
    const { messages, flags } = watch.interestsIn(mailbox.name, {
      subscribed: mailbox.subscribed,
      delivered: isDeliveredTo(mailbox.role),
    })
    if (mailbox.id !== selected && messages)
      output.write(statusLine(mailbox, { messages, flags, modSeq: flags }, enabled))
    if (output.isFull) await output.room()
  }
}
