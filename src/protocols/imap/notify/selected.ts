/** News of the selected mailbox, as NOTIFY has asked for them. RFC 5465 §3.1, §6.1 */
import { writeNewMessages } from '../fetch/new-messages.ts'
import { tellNews } from '../news.ts'
import type { Peer } from '../peer.ts'
import type { Selected } from '../session.ts'
import { tellInterests } from './interests.ts'
import type { SelectedInterests } from './watch.ts'

/**
 * Takes the waiting changes and writes them; before the first NOTIFY all of them, after one that does not name the selected
 * mailbox none: the session goes on seeing it as it was. Returns false when the mailbox itself is gone.
 */
export async function tellSelected(
  session: Selected,
  peer: Peer,
  { expunges }: { expunges: boolean },
): Promise<boolean> {
  const { selected } = session
  const watch = peer.accountNews?.watch
  if (!watch) return await tellNews(selected, peer.output, { expunges, ...peer.enabled })
  if (watch.selected) {
    if (selected.view.hasNews) await tellInterests(watch.selected, session, peer, expunges)
    await fetchNew(watch.selected, session, peer)
  }
  return !selected.view.gone
}

/** §5.2: also of messages that a command has told of by EXISTS. */
async function fetchNew({ items }: SelectedInterests, session: Selected, peer: Peer): Promise<void> {
  const { selected } = session
  const isOwn = (index: number) => peer.accountNews?.isOwn(selected.mailbox.id, selected.view.uid(index)) ?? false
  const others = selected.takeNew().filter(index => !isOwn(index))
  await writeNewMessages(items, others, session, peer)
}
