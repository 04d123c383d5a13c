/**
 * What the queue says of submissions, and which reports came back on them, becomes a part of their records: so it is a change of the account like any other, told in order, and by /changes. It is
 * noticed when the queue tells of it and somebody follows the account, and by whoever asks for submissions.
 */
import type { Account } from '#mail/account.ts'
import type { ObjectChange } from '#mail/account-settings.ts'
import type { QueueChange } from '#mail/queue/queue.ts'
import type { Sending } from '../sending.ts'
import { reportsOn } from './reports.ts'
import { cancel, keptIn, type KeptStatus, type KeptSubmission, statusOf, submissionKind } from './submissions.ts'

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
  const { rows, reports } = await account.read(reader => {
    const rows = reader.objects(submissionKind).map(({ id, value }) => ({ id, value, kept: keptIn({ value }) }))
    return { rows, reports: reportsOn(rows, reader) }
  })
  const open = new Set<string>()
  const changes: ObjectChange[] = []
  const ended: string[] = []
  for (const { id, value, kept } of rows.toReversed()) {
    if (changes.length >= maxChanges) break
    const isOpen = !kept.canceled && !kept.status?.over && !canceling.has(kept.delivery)
    const status = isOpen ? await statusNow(kept, queue, results.get(kept.delivery)) : (kept.status ?? undefined)
    if (isOpen && !status?.over) open.add(kept.delivery)
    const tied = reports.get(id)
    if (!isOpen && sameReports(kept.reports, tied)) continue
    const { reports: _before, ...others } = kept
    const now = JSON.stringify({ ...others, ...(status && { status }), ...(tied && { reports: tied }) })
    if (now !== value) changes.push({ id, value: now, before: value })
    if (isOpen && status?.over) ended.push(kept.delivery)
  }
  if (changes.length > 0) await account.setObjects(submissionKind, changes, { dropOldest: true })
  // on disk by now, or noted by somebody else: whoever is told next has it from the record
  if (ended.length > 0) await forgetNoted(account, queue, ended)
  return open
}

/** What has left the queue while nobody looked has its last words kept there. */
async function statusNow(
  kept: KeptSubmission,
  queue: Sending['queue'],
  results: QueueChange['results'] = [],
): Promise<KeptStatus> {
  const entry = await queue.show(kept.delivery)
  const end = entry ? undefined : await queue.endOf(kept.delivery)
  return statusOf(kept, entry, end ?? results)
}

/** A record that somebody changed meanwhile is noted by the next that looks. */
async function forgetNoted(account: Account, queue: Sending['queue'], ended: readonly string[]): Promise<void> {
  const rows = await account.read(reader => reader.objects(submissionKind))
  const noted = new Set(rows.map(keptIn).flatMap(kept => (kept.status?.over ? [kept.delivery] : [])))
  await queue.forgetEnds(ended.filter(delivery => noted.has(delivery)))
}

function sameReports(before: readonly number[] = [], now: readonly number[] = []): boolean {
  return before.length === now.length && before.every((email, index) => email === now[index])
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
