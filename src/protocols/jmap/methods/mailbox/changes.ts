/** RFC 8621 §2.2 */
import type { Account, MailboxCounts, ObjectChanges } from '#mail/account.ts'
import type { MailboxRecord } from '#mail/account-reader.ts'
import type { MailboxId, ModSeq } from '#mail/ids.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { type ChangesFound, type ChangesFrom, changesOf } from '../../changes.ts'
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
      async (account, from) => {
        const found = await readChanges(account, context.counts, from)
        onlyCounts = found.changes.every(({ kind, counted }) => kind !== 'updated' || counted)
        return found
      },
      printMailboxId,
    )
    return { ...response, updatedProperties: onlyCounts && response.updated.length > 0 ? countProperties : null }
  },
}

/** `counted`: nothing but its counts changed */
type Change = ObjectChanges<MailboxId>['changes'][number] & { readonly counted: boolean }
type Read = Omit<ChangesFound<MailboxId>, 'changes'> & { readonly changes: readonly Change[] }

/**
 * Counts are those of now, whenever they became so: what is too much for one answer is told in the order of ids, all of it since the state that was first asked
 * from (`base`), and then what happened after the first answer.
 */
async function readChanges(
  account: Account,
  remembered: RememberedCounts,
  { base, limit, since, upTo = 0 }: ChangesFrom,
): Promise<Read> {
  const from = base ?? since
  const before = remembered.at(account.id, from)
  const counts = await remembered.now(account)
  const { gone, mailboxes, state } = await account.read(reader => ({
    state: reader.state,
    mailboxes: reader.mailboxes(),
    gone: reader.mailboxesGone(from),
  }))
  const complete = from >= Math.min(state.tombstoneFloor, counts.modSeq)
  const all = changesSince(from, { mailboxes, gone, counts, before })
  const asOf = base === undefined ? counts.modSeq : (since as ModSeq)
  // what was made after the first answer is told from there
  const pending = all.filter(({ id, kind, modSeq }) => id > upTo && (kind !== 'created' || modSeq <= asOf))
  const split = pending.length > limit
  const changes = pending.toSorted(split ? (a, b) => a.id - b.id : (a, b) => a.modSeq - b.modSeq)
  const told = changes.slice(0, limit)
  return {
    modSeq: asOf,
    complete,
    changes: told,
    more: split || counts.modSeq > asOf,
    split,
    place: split ? { modSeq: asOf, upTo: told.at(-1)?.id, base: from } : { modSeq: asOf },
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
    if (modSeq <= counts.modSeq) changes.push({ id, modSeq, kind: 'destroyed', counted: false })
  for (const mailbox of mailboxes) {
    const { id, createdModSeq, changedModSeq } = mailbox
    const now = countOf(counts, id)
    // Threads are read or not by emails elsewhere too: without the counts as they were, any of them may be others
    const isOther = !before || !isSameCount(countOf(before, id), now)
    const own = Math.max(changedModSeq, createdModSeq)
    if (own <= since && !isOther) continue
    const modSeq = (isOther ? counts.modSeq : own) as ModSeq
    // told later, as a change, it would be one of a mailbox that nobody was told of
    if (createdModSeq > since) changes.push({ id, modSeq: createdModSeq, kind: 'created', counted: false })
    else changes.push({ id, modSeq, kind: 'updated', counted: own <= since })
  }
  return changes
}
