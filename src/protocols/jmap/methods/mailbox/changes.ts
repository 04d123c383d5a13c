/** RFC 8621 §2.2 */
import type { Account, ObjectChanges } from '#mail/account.ts'
import type { MailboxId, ModSeq } from '#mail/ids.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { changesOf } from '../../changes.ts'
import { countOf, isSameCount, type RememberedCounts } from '../../mailbox/counts.ts'
import type { Method } from '../../method.ts'
import { mailCapability } from '../../wire.ts'

/** They change with every message, and clients need not ask for the rest again (§2.2). */
const countProperties = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads']

export const mailboxChanges: Method = {
  capability: mailCapability,
  async run(given, context) {
    let onlyCounts = false
    const response = await changesOf(
      given,
      context,
      'mailbox',
      async (account, since, limit) => {
        const read = await readChanges(account, context.counts, since)
        const { changes, more } = cut(read.changes, limit)
        onlyCounts = changes.every(({ id, kind }) => kind !== 'updated' || read.counted.has(id))
        return { ...read, changes, more }
      },
      printMailboxId,
    )
    return { ...response, updatedProperties: onlyCounts && response.updated.length > 0 ? countProperties : null }
  },
}

type Read = Omit<ObjectChanges<MailboxId>, 'more'> & {
  /** Of which nothing but counts changed */
  readonly counted: ReadonlySet<MailboxId>
}

async function readChanges(account: Account, remembered: RememberedCounts, since: number): Promise<Read> {
  const before = remembered.at(account.id, since)
  const counts = await remembered.now(account)
  const { state, mailboxes, gone } = await account.read(reader => ({
    state: reader.state,
    mailboxes: reader.mailboxes(),
    gone: reader.mailboxesGone(since),
  }))
  const counted = new Set<MailboxId>()
  const changes: ObjectChanges<MailboxId>['changes'][number][] = []
  if (since >= counts.modSeq) return { modSeq: counts.modSeq, complete: true, changes, counted }
  for (const { id, modSeq } of gone) if (modSeq <= counts.modSeq) changes.push({ id, modSeq, kind: 'destroyed' })
  for (const mailbox of mailboxes) {
    const { id, createdModSeq, changedModSeq, highestModSeq } = mailbox
    const now = countOf(counts, id)
    // Threads are read or not by emails elsewhere too: without the counts as they were, any of them may be others
    const isOther = !before || !isSameCount(countOf(before, id), now)
    const own = Math.max(changedModSeq, createdModSeq)
    if (own <= since && !isOther) continue
    if (own <= since) counted.add(id)
    const modSeq = (isOther ? Math.max(own, highestModSeq, since + 1) : own) as ModSeq
    // told later, as a change, it would be one of a mailbox that nobody was told of
    if (createdModSeq > since) changes.push({ id, modSeq: createdModSeq, kind: 'created' })
    else changes.push({ id, modSeq, kind: 'updated' })
  }
  changes.sort((a, b) => a.modSeq - b.modSeq)
  return { modSeq: counts.modSeq, complete: since >= Math.min(state.tombstoneFloor, counts.modSeq), changes, counted }
}

/** What one operation changed is told as a whole. */
function cut<Change extends { readonly modSeq: number }>(changes: readonly Change[], limit: number) {
  if (changes.length <= limit) return { changes, more: false }
  let end = limit
  while (end > 0 && changes[end - 1]?.modSeq === changes[limit]?.modSeq) end--
  return { changes: changes.slice(0, end), more: true }
}
