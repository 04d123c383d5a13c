/**
 * What the queue says of submissions becomes a part of their records: so it is a change of the account like any other, told in order, and by /changes. It is
 * noticed when the queue tells of it and somebody follows the account, and by whoever asks for submissions.
 */
import type { Account } from '#mail/account.ts'
import type { ObjectChange } from '#mail/account-settings.ts'
import type { QueueChange } from '#mail/queue/queue.ts'
import type { Sending } from '../sending.ts'
import { cancel, keptIn, type KeptSubmission, statusOf, submissionKind } from './submissions.ts'

/** Results of attempts by delivery */
export type Results = ReadonlyMap<string, QueueChange['results']>

/** Being canceled at this moment: what that is to be is said by whoever does it */
const canceling = new Set<string>()
/** Written at a time; the others by the next that looks */
const maxChanges = 100

/** The deliveries of the account that are on their way still */
export async function noticeQueue(
  account: Account,
  { queue }: Pick<Sending, 'queue'>,
  results: Results = new Map(),
): Promise<ReadonlySet<string>> {
  const rows = await account.read(reader => reader.objects(submissionKind))
  const open = new Set<string>()
  const changes: ObjectChange[] = []
  for (const { id, value } of rows.toReversed()) {
    const kept = keptIn({ value })
    if (kept.canceled || kept.status?.over || canceling.has(kept.delivery)) continue
    if (changes.length >= maxChanges) break
    const status = statusOf(kept, await queue.show(kept.delivery), results.get(kept.delivery))
    if (!status.over) open.add(kept.delivery)
    const now = JSON.stringify({ ...kept, status })
    if (now !== value) changes.push({ id, value: now, before: value })
  }
  if (changes.length > 0) await account.setObjects(submissionKind, changes, { dropOldest: true })
  return open
}

/** Undefined when it cannot be stopped any more. */
export async function cancelNow(
  id: string,
  account: Account,
  sending: Pick<Sending, 'queue'>,
): Promise<object | undefined> {
  const read = () => account.read(reader => reader.objects(submissionKind).find(one => one.id === id))
  const row = await read()
  if (!row) return undefined
  const { canceled, delivery } = keptIn(row)
  if (canceled) return {}
  canceling.add(delivery)
  try {
    if (!(await cancel(delivery, sending))) return undefined
    // somebody may have noticed something of the queue in between
    for (let now: typeof row | undefined = row; now; now = await read()) {
      const value = JSON.stringify({ ...keptIn(now), canceled: true } satisfies KeptSubmission)
      const done = await account.setObjects(submissionKind, [{ id, value, before: now.value }], { dropOldest: true })
      const [result = {}] = 'results' in done ? done.results : []
      if (!('refused' in result) || result.refused !== 'changed') return {}
    }
    return {}
  } finally {
    canceling.delete(delivery)
  }
}
