/** RFC 8621 §2.2 */
import type { Account, MailboxCounts, ObjectChanges } from '#mail/account.ts'
import { inParts, type MailboxRecord, sinceEach } from '#mail/account-reader.ts'
import type { MailboxId, ModSeq } from '#mail/ids.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { type ChangesFrom, changesOf } from '../../changes.ts'
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
      async (account, { since, upTo, limit }) => {
        const read = await readChanges(account, context.counts, { since, upTo })
        const part = inParts(read.changes, limit)
        onlyCounts = part.changes.every(({ kind, counted }) => kind !== 'updated' || counted)
        return { ...read, ...part }
      },
      printMailboxId,
    )
    return { ...response, updatedProperties: onlyCounts && response.updated.length > 0 ? countProperties : null }
  },
}

/** `counted`: nothing but its counts changed */
type Change = ObjectChanges<MailboxId>['changes'][number] & { readonly counted: boolean }
type Read = Pick<ObjectChanges<MailboxId>, 'modSeq' | 'complete'> & { readonly changes: readonly Change[] }

async function readChanges(
  account: Account,
  remembered: RememberedCounts,
  { since, upTo }: Pick<ChangesFrom, 'since' | 'upTo'>,
): Promise<Read> {
  const from = upTo === undefined ? since : since - 1
  // those of before what `now` will remember
  const known = [since, from].map(modSeq => [modSeq, remembered.at(account.id, modSeq)] as const)
  const counts = await remembered.now(account)
  const { modSeq } = counts
  const now = await account.read(reader => ({
    state: reader.state,
    mailboxes: reader.mailboxes(),
    gone: reader.mailboxesGone(from),
  }))
  const complete = from >= Math.min(now.state.tombstoneFloor, modSeq)
  const before = new Map(known)
  return {
    modSeq,
    complete,
    changes: sinceEach({ since, upTo }, one => changesSince(one, { ...now, counts, before: before.get(one) })),
  }
}

type Now = {
  readonly mailboxes: readonly MailboxRecord[]
  readonly gone: readonly { readonly id: MailboxId; readonly modSeq: ModSeq }[]
  readonly counts: MailboxCounts
  readonly before: MailboxCounts | undefined
}

function changesSince(since: number, { before, counts, gone, mailboxes }: Now): readonly Change[] {
  const changes: Change[] = []
  if (since >= counts.modSeq) return changes
  for (const { id, modSeq } of gone)
    if (modSeq > since && modSeq <= counts.modSeq) changes.push({ id, modSeq, kind: 'destroyed', counted: false })
  for (const mailbox of mailboxes) {
    const { id, createdModSeq, changedModSeq } = mailbox
    const now = countOf(counts, id)
    // Threads are read or not by emails elsewhere too: without the counts as they were, any of them may be others
    const isOther = !before || !isSameCount(countOf(before, id), now)
    const own = Math.max(changedModSeq, createdModSeq)
    if (own <= since && !isOther) continue
    // counts are those of now, so they are told as the last of all
    const modSeq = (isOther ? counts.modSeq : own) as ModSeq
    // told later, as a change, it would be one of a mailbox that nobody was told of
    if (createdModSeq > since) changes.push({ id, modSeq: createdModSeq, kind: 'created', counted: false })
    else changes.push({ id, modSeq, kind: 'updated', counted: own <= since })
  }
  return changes
}
