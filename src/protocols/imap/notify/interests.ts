/** The waiting changes of the selected mailbox, for those who have asked by NOTIFY and for commands that decide by them. */
import { tellNews, writeNews } from '../news.ts'
import type { Peer } from '../peer.ts'
import type { Selected } from '../session.ts'
import type { SelectedInterests } from './watch.ts'

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

/** What a client wants to hear of the selected mailbox; flags that it does not want are withheld. */
export async function tellInterests(
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
  const skip = flags ? {} : ({ skip: 'all' } as const)
  await writeNews(selected, news, peer.output, { expunges, ...peer.enabled, ...skip })
}
