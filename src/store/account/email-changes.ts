/**
 * Which emails and threads are other than they were at a modseq, in the order in which they last changed (RFC 8620 §5.2). An email is there as
 * long as it has a placement without \Deleted. Scans the mailboxes that changed since, so for a reader thread.
 */
import type { Database } from '../sqlite.ts'
import { readCounters } from './tables/counters.ts'
import { readThreadLosses } from './tables/losses.ts'

export type ChangeKind = 'created' | 'updated' | 'destroyed'
export type ChangedThing = { readonly id: number; readonly modSeq: number; readonly kind: ChangeKind }

export type ChangesOutput = {
  /** Of the account, as of these changes */
  readonly modSeq: number
  /** False: tombstones no longer reach so far */
  readonly complete: boolean
  /** At most `limit`, ascending by modseq, and none of a modseq that did not fit as a whole */
  readonly changes: readonly ChangedThing[]
  /** There are more: these go up to the last one's modseq. Without any at all a single modseq has more than `limit`. */
  readonly more: boolean
}

export type ChangesInput = {
  readonly since: number
  readonly limit: number
  /** No other email was touched up to this modseq: they are read by key. Without it mailboxes are scanned. */
  readonly among?: { readonly emails: readonly number[]; readonly modSeq: number } | undefined
}

const deletedFlag = 16
const selectMailboxes = `SELECT id FROM mailbox WHERE highest_mod_seq > ?`
const selectPlacements = `SELECT email, max(mod_seq) AS modSeq FROM placement WHERE mailbox = ? AND mod_seq > ? GROUP BY email`
const selectPlacementsOf = `SELECT max(mod_seq) AS modSeq FROM placement WHERE email = ? AND mod_seq > ?`
const selectTombstones = `SELECT email, max(mod_seq) AS modSeq, max(last) AS gone FROM tombstone WHERE mod_seq > ? GROUP BY email`
const selectEmail = `SELECT thread, created_mod_seq AS created FROM email WHERE id = ?`
const selectVisible = `SELECT 1 AS found FROM placement WHERE email = ? AND flags & ${deletedFlag} = 0 LIMIT 1`
const selectOldest = `SELECT min(created_mod_seq) AS created FROM email WHERE thread = ?`
const selectVisibleInThread = `SELECT 1 AS found FROM email JOIN placement ON placement.email = email.id
  WHERE email.thread = ? AND placement.flags & ${deletedFlag} = 0 LIMIT 1`

/** To be called within one read transaction, as all of these. */
export function emailChanges(database: Database, input: ChangesInput): ChangesOutput {
  const { since } = input
  return output(database, input, () => {
    const changes: ChangedThing[] = []
    for (const [id, { modSeq, gone }] of touchedEmails(database, input)) {
      const created = gone ? undefined : emailOf(database, id)?.created
      const isThere = created !== undefined && isFound(database, selectVisible, id)
      // one that came and went in between is told all the same: whoever has never seen it loses nothing
      const kind = isThere ? (created > since ? 'created' : 'updated') : 'destroyed'
      changes.push({ id, modSeq, kind })
    }
    return changes
  })
}

/** Every thread of an email that changed: which changes concerned its thread is not told apart. */
export function threadChanges(database: Database, input: ChangesInput): ChangesOutput {
  const { since } = input
  return output(database, input, () => {
    const threads = new Map<number, number>()
    const lost = new Set<number>()
    const touch = (thread: number, modSeq: number) => threads.set(thread, Math.max(threads.get(thread) ?? 0, modSeq))
    for (const [id, { modSeq, gone }] of touchedEmails(database, input)) {
      // one that is gone may still have its row for a while (tables/doomed.ts); afterwards the loss is noted
      const thread = emailOf(database, id)?.thread
      if (thread === undefined) continue
      touch(thread, modSeq)
      if (gone) lost.add(thread)
    }
    for (const { id, modSeq } of readThreadLosses(database, since)) {
      touch(id, modSeq)
      lost.add(id)
    }
    return [...threads].map(([id, modSeq]) => ({ id, modSeq, kind: threadKind(database, id, since, lost.has(id)) }))
  })
}

function threadKind(database: Database, thread: number, since: number, lost: boolean): ChangeKind {
  if (!isFound(database, selectVisibleInThread, thread)) return 'destroyed'
  const { created } = database.prepare(selectOldest).get(thread) as { created: number }
  return created > since && !lost ? 'created' : 'updated'
}

type Touched = { modSeq: number; gone: boolean }

function touchedEmails(database: Database, { among, since }: ChangesInput): ReadonlyMap<number, Touched> {
  const touched = new Map<number, Touched>()
  const touch = (email: number, modSeq: number, gone: boolean) => {
    const known = touched.get(email)
    if (!known) return void touched.set(email, { modSeq, gone })
    known.modSeq = Math.max(known.modSeq, modSeq)
    known.gone ||= gone
  }
  for (const email of among?.emails ?? []) {
    const { modSeq } = database.prepare(selectPlacementsOf).get(email, since) as { modSeq: number | null }
    if (modSeq !== null) touch(email, modSeq, false)
  }
  const scanned = among ? [] : (database.prepare(selectMailboxes).all(since) as { id: number }[])
  for (const { id } of scanned)
    for (const row of database.prepare(selectPlacements).iterate(id, since) as Iterable<{
      email: number
      modSeq: number
    }>)
      touch(row.email, row.modSeq, false)
  for (const row of database.prepare(selectTombstones).iterate(since) as Iterable<{
    email: number
    modSeq: number
    gone: number
  }>)
    touch(row.email, row.modSeq, row.gone === 1)
  return touched
}

function emailOf(database: Database, id: number): { readonly thread: number; readonly created: number } | undefined {
  return database.prepare(selectEmail).get(id) as { thread: number; created: number } | undefined
}

function isFound(database: Database, sql: string, id: number): boolean {
  return database.prepare(sql).get(id) !== undefined
}

function output(
  database: Database,
  { among, limit, since }: ChangesInput,
  read: () => readonly ChangedThing[],
): ChangesOutput {
  const counters = readCounters(database)
  const modSeq = Math.min(counters?.modSeq ?? 0, among?.modSeq ?? Infinity)
  if (since < (counters?.tombstoneFloor ?? 0)) return { modSeq, complete: false, changes: [], more: false }
  // what happened behind it is known of some emails only: it is told as of then, and again by whoever asks from there
  const changes = read().map(one => (one.modSeq > modSeq ? { ...one, modSeq } : one))
  const sorted = changes.sort((a, b) => a.modSeq - b.modSeq)
  return { modSeq, complete: true, ...cut(sorted, limit) }
}

/** What one operation changed is told as a whole: between its parts there is no state. */
export function cut(
  sorted: readonly ChangedThing[],
  limit: number,
): { readonly changes: readonly ChangedThing[]; readonly more: boolean } {
  if (sorted.length <= limit) return { changes: sorted, more: false }
  let end = limit
  while (end > 0 && sorted[end - 1]?.modSeq === sorted[limit]?.modSeq) end--
  return { changes: sorted.slice(0, end), more: true }
}
