/** FETCH responses for messages that have come, with the items that NOTIFY or a followed search asked for. RFC 5465 §5.2, §7 */
import { writeFetched } from '../commands/fetch.ts'
import type { Peer } from '../peer.ts'
import type { Selected } from '../session.ts'
import type { FetchItem } from '../syntax/request.ts'
import { planFetch, type FetchPlan } from './plan.ts'

/** `indexes` of the view; one that is gone again meanwhile is passed over, EXPUNGE tells of it. */
export async function writeNewMessages(
  items: readonly FetchItem[],
  indexes: readonly number[],
  session: Selected,
  peer: Peer,
): Promise<void> {
  if (items.length > 0 && indexes.length > 0) await writeFetched(planNew(items, peer), indexes, session, peer)
}

/**
 * RFC 7162 §3.1, §3.2: FETCH responses that an external agent causes have MODSEQ and, with QRESYNC, the UID. They never set \Seen
 * (RFC 5465 §5.2 asks clients not to want that): nobody has read the message.
 */
function planNew(items: readonly FetchItem[], { enabled }: Peer): FetchPlan {
  const wanted = [...(enabled.condstore ? [{ item: 'MODSEQ' } as const] : []), ...items]
  const request = { byUid: enabled.qresync, messages: [], items: wanted } as const
  const none = { changedSince: undefined, vanished: false, partial: undefined }
  return { ...planFetch({ name: 'FETCH', ...request, ...none }, enabled), marksSeen: false }
}
