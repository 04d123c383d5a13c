/** The queue's tables: each function runs inside the thread's transaction. */
import type { Database } from '../sqlite.ts'
import { maxEnded } from './limits.ts'
import type {
  AddInput,
  ConfirmInput,
  DoubtfulAdd,
  EndedRecipient,
  FinishedUnconfirmed,
  PageInput,
  Progress,
  RecordInput,
  StoredEntry,
  StoredRecipient,
  TakenEntry,
  ToldInput,
} from './operations.ts'

type Row = Record<string, unknown>

const entryColumns = `number, id, reverse_path AS reversePath, fingerprint, confirmed, size_bytes AS sizeBytes,
  received_at AS receivedAt, expires_at AS expiresAt, submitter, sent_copy AS sentCopy,
  release_at AS releaseAt, via`
const recipientColumns = `position, recipient, state, attempts, next_attempt_at AS nextAttemptAt, last, tell,
  tell_group AS tellGroup, delay_told AS delayTold`

const selectKnown = `SELECT 1 FROM entry WHERE id = ?1 UNION ALL SELECT 1 FROM finished WHERE id = ?1 LIMIT 1`
const insertEntry = `INSERT INTO entry (number, id, reverse_path, envelope, facts, trace, fingerprint, size_bytes, spool,
  received_at, expires_at, submitter, sent_copy, sent_copy_fields, release_at, keeps_end)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const insertBody = `INSERT INTO body (entry, bytes) VALUES (?, ?)`
const insertRecipient = `INSERT INTO recipient (entry, position, recipient, state, next_attempt_at)
  VALUES (?, ?, ?, ?, ?)`
const selectPage = `SELECT ${entryColumns} FROM entry WHERE number > ? ORDER BY number LIMIT ?`
const selectByNumber = `SELECT ${entryColumns} FROM entry WHERE number = ?`
const selectById = `SELECT ${entryColumns} FROM entry WHERE id = ?`
const selectRecipients = `SELECT ${recipientColumns} FROM recipient WHERE entry = ? ORDER BY position`
const selectTaken = `SELECT id, received_at AS receivedAt, expires_at AS expiresAt, envelope, facts, trace,
  size_bytes AS sizeBytes, spool, sent_copy_fields AS sentCopyFields FROM entry WHERE number = ?`
const selectBody = `SELECT bytes FROM body WHERE entry = ?`
// A held recipient whose attempt was under way stays held when it is deferred.
const updateResult = `UPDATE recipient SET state = CASE WHEN ?1 = 'waiting' THEN state ELSE ?1 END,
  attempts = attempts + ?7, next_attempt_at = coalesce(?2, next_attempt_at), last = coalesce(?3, last),
  tell = coalesce(?4, tell), tell_group = CASE WHEN ?4 IS NULL THEN tell_group ELSE ?8 END,
  delay_told = delay_told OR coalesce(?4 = 'delayed', 0) WHERE entry = ?5 AND position = ?6`
const updateTold = `UPDATE recipient SET tell = NULL WHERE entry = ? AND tell = ? AND tell_group = ?`
const selectUnfinished = `SELECT 1 FROM recipient WHERE entry = ?1 AND (state IN ('waiting', 'held') OR tell IS NOT NULL)
  UNION ALL SELECT 1 FROM entry WHERE number = ?1 AND sent_copy IS NOT NULL LIMIT 1`
const selectLeaving = `SELECT id, spool, confirmed, fingerprint, received_at AS receivedAt FROM entry WHERE number = ?`
const insertFinished = `INSERT OR IGNORE INTO finished (id, finished_at, fingerprint, received_at) VALUES (?, ?, ?, ?)`
const selectFinished = `SELECT id, fingerprint, received_at AS receivedAt FROM finished
  WHERE fingerprint IS NOT NULL AND finished_at >= ? ORDER BY finished_at DESC LIMIT ?`
const updateConfirmed = `UPDATE entry SET confirmed = 1 WHERE number = ?`
const updateFingerprint = `UPDATE entry SET fingerprint = ? WHERE number = ?`
const updateFinished = `UPDATE finished SET fingerprint = ? WHERE id = ? AND fingerprint IS NOT NULL`
const selectUndelivered = `SELECT 1 FROM recipient WHERE entry = ? AND state <> 'delivered' LIMIT 1`
const updateCopied = `UPDATE entry SET sent_copy = NULL, sent_copy_fields = NULL WHERE number = ?`
const updateHeld = `UPDATE recipient SET state = ?2 WHERE entry = ?1 AND state = ?3`
const selectKeeping = `SELECT id FROM entry WHERE number = ? AND keeps_end = 1`
const insertEnded = `INSERT OR REPLACE INTO ended (id, ended_at, recipients) VALUES (?, ?, ?)`
const selectEnded = `SELECT recipients FROM ended WHERE id = ?`
const deleteEnded = `DELETE FROM ended WHERE id IN (SELECT value FROM json_each(?))`
// the oldest one, where there are more than are kept
const deleteEndedBeyond = `DELETE FROM ended WHERE id = (SELECT id FROM ended ORDER BY ended_at DESC LIMIT 1 OFFSET ?)`
const deleteEndedBefore = `DELETE FROM ended WHERE ended_at < ?`
const deleteFinished = `DELETE FROM finished WHERE id IN
  (SELECT id FROM finished WHERE finished_at < ? ORDER BY finished_at LIMIT 1000)`

export function addEntry(database: Database, input: AddInput): 'added' | 'exists' {
  if (database.prepare(selectKnown).get(input.id)) return 'exists'
  const spool = 'spool' in input.body ? input.body.spool : null
  database
    .prepare(insertEntry)
    .run(
      input.number,
      input.id,
      input.reversePath,
      input.envelope,
      input.facts,
      input.trace,
      input.fingerprint,
      input.sizeBytes,
      spool,
      input.receivedAt,
      input.expiresAt,
      input.submitter,
      input.sentCopy,
      input.sentCopyFields,
      input.releaseAt,
      Number(input.keepsEnd),
    )
  if ('bytes' in input.body) database.prepare(insertBody).run(input.number, input.body.bytes)
  const insert = database.prepare(insertRecipient)
  for (const [position, recipient] of input.recipients.entries())
    insert.run(input.number, position, recipient, input.held ? 'held' : 'waiting', input.nextAttemptAt)
  return 'added'
}

export function pageOfEntries(database: Database, input: PageInput): readonly StoredEntry[] {
  const rows = database.prepare(selectPage).all(input.after, input.limit) as Row[]
  return rows.map(row => storedEntry(database, row))
}

export function entryById(database: Database, id: string): StoredEntry | undefined {
  const row = database.prepare(selectById).get(id) as Row | undefined
  return row && storedEntry(database, row)
}

export function entryByNumber(database: Database, number: number): StoredEntry | undefined {
  const row = database.prepare(selectByNumber).get(number) as Row | undefined
  return row && storedEntry(database, row)
}

function storedEntry(database: Database, row: Row): StoredEntry {
  const recipients = recipientsOf(database, row['number'] as number)
  return { ...(row as unknown as StoredEntry), confirmed: row['confirmed'] === 1, recipients }
}

function recipientsOf(database: Database, number: number): readonly StoredRecipient[] {
  const rows = database.prepare(selectRecipients).all(number) as Row[]
  return rows.map(row => ({ ...row }) as unknown as StoredRecipient)
}

export function takeEntry(database: Database, number: number): TakenEntry | undefined {
  const row = database.prepare(selectTaken).get(number) as
    | (Omit<TakenEntry, 'body' | 'recipients'> & { spool: string | null })
    | undefined
  if (!row) return undefined
  const { spool, ...taken } = row
  const recipients = recipientsOf(database, number)
  if (spool !== null) return { ...taken, recipients, body: { spool } }
  const body = database.prepare(selectBody).get(number) as { bytes: Uint8Array } | undefined
  if (!body) throw new Error(`Queue entry ${number} has no body`)
  return { ...taken, recipients, body: { bytes: body.bytes } }
}

/** A leaving entry's spool file is named in `unlink`, to be removed after the commit. */
export function recordResults(database: Database, input: RecordInput, unlink: string[]): Progress {
  const update = database.prepare(updateResult)
  for (const { position, state, last, tell } of input.results) {
    const group = input.results.find(other => other.tell === tell)?.position ?? position
    update.run(state, input.nextAttemptAt, last, tell, input.number, position, input.attempted, group)
  }
  return leaveWhenDone(database, input.number, input.now, unlink)
}

export function recordTold(database: Database, input: ToldInput, unlink: string[]): Progress {
  database.prepare(updateTold).run(input.number, input.kind, input.group)
  return leaveWhenDone(database, input.number, input.now, unlink)
}

export function recordCopied(
  database: Database,
  input: { readonly number: number; readonly now: number },
  unlink: string[],
): Progress {
  database.prepare(updateCopied).run(input.number)
  return leaveWhenDone(database, input.number, input.now, unlink)
}

function leaveWhenDone(database: Database, number: number, now: number, unlink: string[]): Progress {
  if (database.prepare(selectUnfinished).get(number)) return { left: false }
  const delivered = database.prepare(selectUndelivered).get(number) === undefined
  keepEnd(database, number, now)
  leave(database, { number, now, delivered }, unlink)
  return { left: true, delivered }
}

/** One that is removed has no end: whoever does that knows. */
function keepEnd(database: Database, number: number, now: number): void {
  const entry = database.prepare(selectKeeping).get(number) as { id: string } | undefined
  if (!entry) return
  const recipients = recipientsOf(database, number).map(({ recipient, state, last }): EndedRecipient => {
    const { address } = JSON.parse(recipient) as { address: string }
    return { address, state, last }
  })
  database.prepare(insertEnded).run(entry.id, now, JSON.stringify(recipients))
  database.prepare(deleteEndedBeyond).run(maxEnded)
}

export function endOf(database: Database, id: string): readonly EndedRecipient[] | undefined {
  const row = database.prepare(selectEnded).get(id) as { recipients: string } | undefined
  return row && (JSON.parse(row.recipients) as EndedRecipient[])
}

export function forgetEnds(database: Database, ids: readonly string[]): void {
  database.prepare(deleteEnded).run(JSON.stringify(ids))
}

export function removeEntry(
  database: Database,
  input: { readonly number: number; readonly now: number },
  unlink: string[],
): boolean {
  return leave(database, { ...input, delivered: false }, unlink)
}

type Leaving = {
  readonly id: string
  readonly spool: string | null
  readonly confirmed: number
  readonly fingerprint: Uint8Array
  readonly receivedAt: number
}

/** A sender without our 250 may still come again with what was delivered: it stays recognisable. */
function leave(
  database: Database,
  input: { readonly number: number; readonly now: number; readonly delivered: boolean },
  unlink: string[],
): boolean {
  const row = database.prepare(selectLeaving).get(input.number) as Leaving | undefined
  if (!row) return false
  const comesAgain = input.delivered && row.confirmed === 0 && row.fingerprint.length > 0
  database.prepare(insertFinished).run(row.id, input.now, comesAgain ? row.fingerprint : null, row.receivedAt)
  if (row.spool === null) database.prepare(`DELETE FROM body WHERE entry = ?`).run(input.number)
  else unlink.push(row.spool)
  database.prepare(`DELETE FROM recipient WHERE entry = ?`).run(input.number)
  database.prepare(`DELETE FROM entry WHERE number = ?`).run(input.number)
  return true
}

/** Undoes an add whose caller was refused; no trace of the id is left, so it may be added again. */
export function forgetEntry(database: Database, add: DoubtfulAdd): void {
  if (entryById(database, add.id)?.number !== add.number) return
  removeEntry(database, { number: add.number, now: 0 }, [])
  database.prepare(`DELETE FROM finished WHERE id = ?`).run(add.id)
}

export function confirmEntries(database: Database, entries: readonly ConfirmInput[]): void {
  for (const { id, number, left, confirmed } of entries) {
    if (confirmed) database.prepare(updateConfirmed).run(number)
    else database.prepare(updateFingerprint).run(left, number)
    database.prepare(updateFinished).run(left.length === 0 ? null : left, id)
  }
}

/** Newest first, at most `limit`. */
export function finishedUnconfirmed(
  database: Database,
  input: { readonly since: number; readonly limit: number },
): readonly FinishedUnconfirmed[] {
  return database.prepare(selectFinished).all(input.since, input.limit) as FinishedUnconfirmed[]
}

export function holdEntry(database: Database, input: { readonly number: number; readonly held: boolean }): boolean {
  const [to, from] = input.held ? ['held', 'waiting'] : ['waiting', 'held']
  return Number(database.prepare(updateHeld).run(input.number, to, from).changes) > 0
}

export function setVia(
  database: Database,
  input: { readonly number: number; readonly via: string | null },
): StoredEntry | undefined {
  database.prepare(`UPDATE entry SET via = ? WHERE number = ?`).run(input.via, input.number)
  return entryByNumber(database, input.number)
}

/** At most 1000 a call. */
export function sweepFinished(database: Database, before: number): number {
  database.prepare(deleteEndedBefore).run(before)
  return Number(database.prepare(deleteFinished).run(before).changes)
}

export function spoolNames(database: Database): Set<string> {
  const rows = database.prepare(`SELECT spool FROM entry WHERE spool IS NOT NULL`).all() as { spool: string }[]
  return new Set(rows.map(row => row.spool))
}
