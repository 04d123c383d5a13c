/**
 * Which emails and threads are other than they were at a modseq, in the order in which they last changed (RFC 8620 §5.2). An email is there as
 * long as it has a placement without \Deleted. Scans the mailboxes that changed since, so for a reader thread.
 */
import type { Database } from '../sqlite.ts'
import { type CountedType, readCounters, typeModSeqs } from './tables/counters.ts'
import { readBack } from './tables/email-back.ts'
import { readThreadLosses } from './tables/losses.ts'

export type ChangeKind = 'created' | 'updated' | 'destroyed'
export type ChangedThing = { readonly id: number; readonly modSeq: number; readonly kind: ChangeKind }

export type ChangesOutput = {
  /** When things of the kind last changed, as far as these changes go */
  readonly modSeq: number
  /** False: tombstones no longer reach so far */
  readonly complete: boolean
  /** At most `limit`, ascending by modseq and id */
  readonly changes: readonly ChangedThing[]
  /** There are more: these go up to the last one's modseq … */
  readonly more: boolean
  /** … of which not all fitted: up to the last one's id */
  readonly split: boolean
}

export type ChangesInput = {
  readonly since: number
  /** Of what `since` itself changed, ids up to this one are known: the others are as they were before it */
  readonly upTo?: number | undefined
  readonly limit: number
  /** No other email was touched up to this modseq: they are read by key. Without it mailboxes are scanned. */
  readonly among?: { readonly emails: readonly number[]; readonly modSeq: number } | undefined
}

const deletedFlag = 16
const selectMailboxes = `SELECT id FROM mailbox WHERE highest_mod_seq > ?`
const selectPlacements = `SELECT email, max(mod_seq) AS modSeq FROM placement WHERE mailbox = ? AND mod_seq > ? GROUP BY email`
const selectPlacementsOf = `SELECT max(mod_seq) AS modSeq FROM placement WHERE email = ? AND mod_seq > ?`
/** What was marked \Deleted had gone before, to those who are told here */
const wentAt = `coalesce(hidden_mod_seq, mod_seq)`
const selectTombstones = `SELECT email, max(${wentAt}) AS modSeq, max(last) AS gone FROM tombstone
  WHERE mod_seq > ?1 AND ${wentAt} > ?1 GROUP BY email`
const selectEmail = `SELECT thread, created_mod_seq AS created FROM email WHERE id = ?`
const selectVisible = `SELECT 1 AS found FROM placement WHERE email = ? AND flags & ${deletedFlag} = 0 LIMIT 1`
const selectVisibleInThread = `SELECT 1 AS found FROM email JOIN placement ON placement.email = email.id
  WHERE email.thread = ? AND placement.flags & ${deletedFlag} = 0 LIMIT 1`
const selectShownInThread = `SELECT DISTINCT email.id, email.created_mod_seq AS created FROM email JOIN placement ON placement.email = email.id
  WHERE email.thread = ? AND placement.flags & ${deletedFlag} = 0`
/** Emails have their numbers in the order in which they come, and a thread has that of its first. */
const selectUpTo = `SELECT created_mod_seq AS created FROM email WHERE id <= ? ORDER BY id DESC LIMIT 1`
/** Shown now, and shown already at that modseq */
const selectOlderInThread = `SELECT 1 AS found FROM email JOIN placement ON placement.email = email.id
  LEFT JOIN email_back back ON back.email = email.id AND back.mod_seq > ?2 AND back.hidden_mod_seq <= ?2
  WHERE email.thread = ?1 AND placement.flags & ${deletedFlag} = 0 AND email.created_mod_seq <= ?2 AND back.email IS NULL LIMIT 1`

/** To be called within one read transaction, as all of these. */
export function emailChanges(database: Database, input: ChangesInput): ChangesOutput {
  return output(database, input, 'email', since => {
    const changes: ChangedThing[] = []
    for (const [id, { modSeq, gone }] of touchedEmails(database, { ...input, since })) {
      const created = gone ? undefined : emailOf(database, id)?.created
      const came =
        created !== undefined && isFound(database, selectVisible, id) ? cameAt(database, id, created, since) : 0
      // one that came and went in between is told all the same: whoever has never seen it loses nothing
      if (came === 0) changes.push({ id, modSeq, kind: 'destroyed' })
      // told later, as a change, it would be one of an email that nobody was told of
      else if (came > since) changes.push({ id, modSeq: Math.min(came, modSeq), kind: 'created' })
      else changes.push({ id, modSeq, kind: 'updated' })
    }
    return changes
  })
}

/** When it came, or came back: it was marked \Deleted at that modseq, and is not any more. Unsure, it is one that its client knows. */
function cameAt(database: Database, email: number, created: number, since: number): number {
  const back = readBack(database, email)
  return back !== undefined && back.modSeq > since && back.hidden <= since ? back.modSeq : created
}

/** Threads of emails that came, went, were marked \Deleted or came back. */
export function threadChanges(database: Database, input: ChangesInput): ChangesOutput {
  return output(database, input, 'thread', since => {
    const threads = new Map<number, number>()
    const lost = new Set<number>()
    const touch = (thread: number, modSeq: number) => threads.set(thread, Math.max(threads.get(thread) ?? 0, modSeq))
    for (const [id, { modSeq, gone }] of touchedEmails(database, { ...input, since })) {
      // one that is gone may still have its row for a while (tables/doomed.ts); afterwards the loss is noted
      const email = emailOf(database, id)
      if (!email) continue
      const came = Math.max(email.created, readBack(database, id)?.modSeq ?? 0)
      if (gone || !isFound(database, selectVisible, id)) {
        touch(email.thread, modSeq)
        lost.add(email.thread)
      } else if (came > since) touch(email.thread, came)
    }
    for (const { id, modSeq } of readThreadLosses(database, since)) {
      touch(id, modSeq)
      lost.add(id)
    }
    return [...threads].map(([id, modSeq]) => {
      if (!isFound(database, selectVisibleInThread, id)) return { id, modSeq, kind: 'destroyed' }
      const cameAt = newThreadSince(database, id, since, lost.has(id))
      if (cameAt === undefined) return { id, modSeq, kind: 'updated' }
      // told later, as a change, it would be one of a thread that nobody was told of
      return { id, modSeq: Math.min(cameAt, modSeq), kind: 'created' }
    })
  })
}

/** When it came, at the latest; undefined where it was there at that modseq, or may have been. */
function newThreadSince(database: Database, thread: number, since: number, lost: boolean): number | undefined {
  if (database.prepare(selectOlderInThread).get(thread, since)) return undefined
  const came = shownInThread(database, thread).map(({ id, created }) => cameAt(database, id, created, since))
  if (!lost) return Math.min(...came)
  // it may have been there by what it lost: not where it has the number of an email that came later than that
  const { created = 0 } = (database.prepare(selectUpTo).get(thread) ?? {}) as { created?: number }
  return created > since ? Math.min(created, ...came) : undefined
}

function shownInThread(database: Database, thread: number) {
  return database.prepare(selectShownInThread).all(thread) as { id: number; created: number }[]
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
  { among, limit, since, upTo }: ChangesInput,
  type: CountedType,
  read: (since: number) => readonly ChangedThing[],
): ChangesOutput {
  const counters = readCounters(database)
  const modSeq = Math.min(typeModSeqs(counters)[type], among?.modSeq ?? Infinity)
  const from = upTo === undefined ? since : since - 1
  if (from >= modSeq) return { modSeq, complete: true, changes: [], more: false, split: false }
  if (from < (counters?.tombstoneFloor ?? 0)) return { modSeq, complete: false, changes: [], more: false, split: false }
  // what happened behind it is known of some emails only: it is told as of then, and again by whoever asks from there
  const known = among?.modSeq ?? Infinity
  const changes = sinceEach({ since, upTo }, read).map(one => (one.modSeq > known ? { ...one, modSeq: known } : one))
  return { modSeq, complete: true, ...inParts(changes, limit) }
}

/** What is known up to an id is other than it was then, the others other than they were before. */
function sinceEach<Change extends { readonly id: number }>(
  { since, upTo }: Pick<ChangesInput, 'since' | 'upTo'>,
  read: (since: number) => readonly Change[],
): readonly Change[] {
  if (upTo === undefined) return read(since)
  return [...read(since - 1).filter(({ id }) => id > upTo), ...read(since).filter(({ id }) => id <= upTo)]
}

/** What one operation changed may be told in parts too: its things in the order of their ids. */
function inParts<Change extends { readonly id: number; readonly modSeq: number }>(
  changes: readonly Change[],
  limit: number,
): { readonly changes: readonly Change[]; readonly more: boolean; readonly split: boolean } {
  const sorted = changes.toSorted((a, b) => a.modSeq - b.modSeq || a.id - b.id)
  const next = sorted[limit]
  const told = sorted.slice(0, limit)
  return { changes: told, more: next !== undefined, split: next !== undefined && next.modSeq === told.at(-1)?.modSeq }
}
