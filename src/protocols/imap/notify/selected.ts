/** News of the selected mailbox, as NOTIFY has asked for them. RFC 5465 §3.1, §6.1 */
import { writeNewMessages } from '../fetch/new-messages.ts'
import { tellNews, writeNews } from '../news.ts'
import type { Peer } from '../peer.ts'
import type { Selected } from '../session.ts'
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

/**
 * Before a command that decides by flags and mod-sequences: what another session's command has been answered OK for is known here too,
 * so that BODY[] sets \Seen on what was marked unread meanwhile. Removals are told where no number has to keep its meaning
 * (RFC 9051 §7.5.1): flags of what is gone are no news. Who has asked by NOTIFY is told what it has asked for, however short the time
 * since it was told something; who wants to hear nothing of the selected mailbox hears nothing (RFC 5465 §3.1).
 */
export async function catchUp(
  session: Selected,
  peer: Peer,
  { expunges }: { readonly expunges: boolean },
): Promise<void> {
  const { selected } = session
  const watch = peer.accountNews?.watch
  if (!watch) await tellNews(selected, peer.output, { expunges, ...peer.enabled })
  else if (watch.selected && selected.view.hasNews) await tellInterests(watch.selected, session, peer, expunges)
}

async function tellInterests(
  { flags }: SelectedInterests,
  session: Selected,
  peer: Peer,
  expunges: boolean,
): Promise<void> {
  const { selected } = session
  const { view } = selected
  const before = view.modSeq
  const news = view.advance({ expunges })
  if (!flags && news.changed.length > 0) selected.withheld(before)
  const skip = flags ? {} : { skip: () => true }
  await writeNews(selected, news, peer.output, { expunges, ...peer.enabled, ...skip })
}

/** §5.2: also of messages that a command has told of by EXISTS. */
async function fetchNew({ items }: SelectedInterests, session: Selected, peer: Peer): Promise<void> {
  const { selected } = session
  const isOwn = (index: number) => peer.accountNews?.isOwn(selected.mailbox.id, selected.view.uid(index)) ?? false
  const others = selected.takeNew().filter(index => !isOwn(index))
  await writeNewMessages(items, others, session, peer)
}
