/** Queue entries between the store's rows, the schedule and whoever looks at them. */
import type { RecipientResult } from '#formats/envelope.ts'
import type { StoredEntry } from '#store/queue/queue-store.ts'
import type { DeliveryId } from '../ids.ts'
import type { LiveEntry } from './entry-table.ts'
import type { NewEntry, QueueEntry, Via } from './queue.ts'

/** A new entry as it is written, and as the schedule takes it in. `copies`: somebody files sent copies. */
export function newRow(
  entry: NewEntry,
  number: number,
  { now, copies }: { readonly now: number; readonly copies: boolean },
) {
  const { recipients, ...envelope } = entry.envelope
  const nextAttemptAt = Math.max(entry.releaseAt ?? 0, entry.notBefore ?? now)
  const shared = {
    number,
    id: entry.id as string,
    reversePath: entry.envelope.reversePath,
    fingerprint: entry.fingerprint,
    receivedAt: entry.receivedAt,
    expiresAt: entry.expiresAt,
    submitter: entry.submitter ?? null,
    sentCopy: (copies && entry.sentCopy) || null,
    releaseAt: entry.releaseAt ?? null,
  }
  const printed = recipients.map(recipient => JSON.stringify(recipient))
  const input = {
    ...shared,
    envelope: JSON.stringify(envelope),
    facts: entry.facts,
    trace: entry.trace,
    sentCopyFields: (shared.sentCopy !== null && entry.sentCopyFields) || null,
    nextAttemptAt,
    held: entry.held ?? false,
    keepsEnd: entry.keepsEnd ?? false,
    recipients: printed,
  }
  const waiting = {
    state: entry.held ? 'held' : 'waiting',
    attempts: 0,
    nextAttemptAt,
    last: null,
    tell: null,
    tellGroup: null,
    delayTold: 0,
  } as const
  const rows = printed.map((recipient, position) => ({ position, recipient, ...waiting }))
  const stored = { ...shared, via: null, confirmed: false, sizeBytes: entry.message.sizeBytes, recipients: rows }
  return { input, stored }
}

export function viaOf({ via }: Pick<StoredEntry, 'via'>): Via | undefined {
  return via === null ? undefined : (JSON.parse(via) as Via)
}

/** For people: the stored entry, and which of its recipients are being tried at this moment. */
export function shownEntry(stored: StoredEntry, live: LiveEntry | undefined): QueueEntry {
  const { id, reversePath, sizeBytes, receivedAt, expiresAt, submitter } = stored
  const trying = new Set(live?.jobs.flatMap(job => (job.state === 'trying' ? job.positions : [])))
  const recipients = stored.recipients.map(row => ({
    address: (JSON.parse(row.recipient) as { address: string }).address,
    state: row.state === 'waiting' && trying.has(row.position) ? ('trying' as const) : row.state,
    attempts: row.attempts,
    nextAttemptAt: row.nextAttemptAt,
    last: row.last === null ? undefined : (JSON.parse(row.last) as RecipientResult),
  }))
  return {
    id: id as DeliveryId,
    reversePath,
    sizeBytes,
    receivedAt,
    expiresAt,
    submitter: submitter ?? undefined,
    releaseAt: stored.releaseAt ?? undefined,
    via: viaOf(stored),
    recipients,
  }
}
