/** Placements by ranges of UIDs: one statement does what would otherwise take one for each message. */
import type { Database } from '../../sqlite.ts'
import type { PlacementRow } from './placement.ts'

/** `flags & keep | set` is what a message's flags become; those above `since` that were not changed after `before` stay. */
export type FlagFormula = {
  readonly keep: number
  readonly set: number
  readonly since: number
  readonly before: number
}

/** Both ends included. */
export type UidRange = { readonly first: number; readonly last: number }

const inRange = `mailbox = ? AND uid BETWEEN ? AND ?`
const changing = `${inRange} AND flags <> ((flags & ?) | ?) AND (mod_seq <= ? OR mod_seq > ?)`
const selectChanging = `SELECT uid, flags FROM placement WHERE ${changing} ORDER BY uid LIMIT ?`
const sumChanging = `SELECT count(*) AS count, min(uid) AS first, max(uid) AS last, min(flags) AS low, max(flags) AS high
  FROM (${selectChanging})`
// from the index alone, as most emails have no other place; only then the rows of the others are looked up
const selectOthers = `SELECT other.mailbox, other.uid, other.flags FROM (
    SELECT o.mailbox, o.uid FROM placement p CROSS JOIN placement o INDEXED BY placement_email ON o.email = p.email
    WHERE p.mailbox = ? AND p.uid BETWEEN ? AND ? AND p.flags <> ((p.flags & ?) | ?) AND (p.mod_seq <= ? OR p.mod_seq > ?)
      AND (o.mailbox <> p.mailbox OR o.uid <> p.uid)
  ) found CROSS JOIN placement other ON other.mailbox = found.mailbox AND other.uid = found.uid
  WHERE other.flags <> ((other.flags & ?) | ?) ORDER BY other.mailbox, other.uid`
const updateChanging = `UPDATE placement SET flags = (flags & ?) | ?, mod_seq = ? WHERE ${changing}`
const updateRun = `UPDATE placement SET flags = ?, mod_seq = ? WHERE ${inRange} AND flags = ?`
const selectNewer = `SELECT uid FROM placement WHERE ${inRange} AND mod_seq > ? AND mod_seq <= ? ORDER BY uid`
const selectUids = `SELECT uid FROM placement WHERE ${inRange} ORDER BY uid LIMIT ?`
const flagged = `${inRange} AND flags & ? = ?`
const selectLeaving = `SELECT uid, email, flags, size_bytes, 1, mod_seq FROM placement WHERE ${flagged} ORDER BY uid LIMIT ?`
const sumLeaving = `SELECT count(*) AS count, min(uid) AS first, max(uid) AS last, min(email) AS firstEmail,
  max(email) AS lastEmail, min(flags) AS flags, max(flags) AS highFlags, sum(size_bytes) AS sizeBytes FROM (${selectLeaving})`
const sumCopied = `SELECT count(*) AS count, min(uid) AS first, max(uid) AS last, min(email - uid) AS shift, max(email - uid) AS highShift,
  min(flags) AS flags, max(flags) AS highFlags, sum(size_bytes) AS sizeBytes
  FROM (SELECT uid, email, flags, size_bytes FROM placement WHERE ${inRange} ORDER BY uid LIMIT ?)`
const selectLeavingShared = `SELECT uid, email, flags, size_bytes,
  (SELECT count(*) FROM placement other WHERE other.email = placement.email), mod_seq
  FROM placement WHERE ${flagged} ORDER BY uid LIMIT ?`
const others = `SELECT 1 FROM placement o INDEXED BY placement_email WHERE o.email = p.email`
const sumPlaces = `SELECT coalesce(sum(EXISTS (${others} AND (o.mailbox <> p.mailbox OR o.uid NOT BETWEEN ?1 AND ?2))), 0) AS elsewhere,
  coalesce(sum(EXISTS (${others} AND o.mailbox = p.mailbox AND o.uid <> p.uid AND o.uid BETWEEN ?1 AND ?2)), 0) AS twice
  FROM placement p WHERE p.mailbox = ?3 AND p.uid BETWEEN ?1 AND ?2 AND p.flags & ?4 = ?4`
const selectTwin = `SELECT 1 FROM placement p WHERE ${inRange} AND EXISTS (${others} AND o.mailbox = p.mailbox AND o.uid <> p.uid) LIMIT 1`
const remove = `DELETE FROM placement WHERE ${flagged}`
const columns = `mailbox, uid, email, flags, mod_seq, created_mod_seq, saved, size_bytes`
const insertTombstones = `INSERT INTO tombstone (mailbox, mod_seq, uid, email, last, removed, hidden_mod_seq)
  SELECT mailbox, ?, uid, email, ?, ?, CASE WHEN flags & 16 THEN mod_seq END FROM placement WHERE ${flagged}`
const insertShifted = `INSERT INTO placement (${columns}) SELECT ?, uid + ?, email, flags, ?, ?, ?, size_bytes FROM placement WHERE ${inRange}`
const insertNumbered = `INSERT INTO placement (${columns}) SELECT ?, row_number() OVER (ORDER BY uid) + ?, email, flags, ?, ?, ?, size_bytes
  FROM placement WHERE ${inRange}`

function rows(database: Database, sql: string, ...values: readonly number[]): readonly (readonly number[])[] {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement.all(...values) as unknown as number[][]
}

function formulaValues(mailbox: number, { first, last }: UidRange, formula: FlagFormula): readonly number[] {
  return [mailbox, first, last, formula.keep, formula.set, formula.since, formula.before]
}

export type ChangingSum = {
  readonly count: number
  readonly first: number
  readonly last: number
  readonly low: number
  readonly high: number
}

/** The next `limit` whose flags would become others, all together; undefined when there is none. */
export function sumChangingFlags(
  database: Database,
  mailbox: number,
  range: UidRange,
  formula: FlagFormula,
  limit: number,
): ChangingSum | undefined {
  const sum = database.prepare(sumChanging).get(...formulaValues(mailbox, range, formula), limit) as ChangingSum
  return sum.count === 0 ? undefined : sum
}

/** `[uid, flags]` of the next `limit` whose flags would become others. */
export function readChangingFlags(
  database: Database,
  mailbox: number,
  range: UidRange,
  formula: FlagFormula,
  limit: number,
): readonly (readonly number[])[] {
  return rows(database, selectChanging, ...formulaValues(mailbox, range, formula), limit)
}

/**
 * `[mailbox, uid, flags]` of the other placements of emails in the range whose flags `formula` changes, when `others` changes theirs,
 * too; by mailbox and UID.
 */
export function readOthersChanging(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  formula: FlagFormula,
  others: FlagFormula,
): readonly (readonly number[])[] {
  return rows(database, selectOthers, ...formulaValues(mailbox, { first, last }, formula), others.keep, others.set)
}

/** Whether an email of the range has another place in the same mailbox. */
export function hasTwins(database: Database, mailbox: number, { first, last }: UidRange): boolean {
  return database.prepare(selectTwin).get(mailbox, first, last) !== undefined
}

export function updateRangeFlags(
  database: Database,
  mailbox: number,
  range: UidRange,
  formula: FlagFormula,
  modSeq: number,
): void {
  database.prepare(updateChanging).run(formula.keep, formula.set, modSeq, ...formulaValues(mailbox, range, formula))
}

/** Of those in the range that have the flags `before`: for a run of them half the work of a formula. Returns how many they were. */
export function updateRunFlags(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  to: { readonly before: number; readonly flags: number; readonly modSeq: number },
): number {
  return Number(database.prepare(updateRun).run(to.flags, to.modSeq, mailbox, first, last, to.before).changes)
}

/** Those that the formula leaves as they are because they were changed after `since`. */
export function readNewerUids(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  { since, before }: FlagFormula,
): readonly number[] {
  return rows(database, selectNewer, mailbox, first, last, since, before).map(([uid = 0]) => uid)
}

export function readUidsIn(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  limit: number,
): readonly number[] {
  return rows(database, selectUids, mailbox, first, last, limit).map(([uid = 0]) => uid)
}

/** `[uid, email, flags, sizeBytes, placements, modSeq]` of the next `limit` that have all flags of `mask`; the email's placements are counted with `shared`, else 1. */
export function readRange(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  options: { readonly mask: number; readonly shared: boolean; readonly limit: number },
): readonly (readonly number[])[] {
  const { mask, shared, limit } = options
  return rows(database, shared ? selectLeavingShared : selectLeaving, mailbox, first, last, mask, mask, limit)
}

/** Placements side by side, of emails side by side, with the same flags. */
export type PlacementRun = UidRange & {
  readonly count: number
  readonly firstEmail: number
  readonly flags: number
  readonly sizeBytes: number
}

/** The next `limit` that have all flags of `mask`, when they are a run. Where an email can have two of them, they only seem to be one. */
export function readRun(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  mask: number,
  limit: number,
): PlacementRun | undefined {
  const run = database.prepare(sumLeaving).get(mailbox, first, last, mask, mask, limit) as PlacementRun & {
    readonly lastEmail: number
    readonly highFlags: number
  }
  const isRun =
    run.count > 0 &&
    run.count === run.last - run.first + 1 &&
    run.count === run.lastEmail - run.firstEmail + 1 &&
    run.flags === run.highFlags
  return isRun ? run : undefined
}

/** How many of these have another place outside of the range, and how many one in it. */
export function sumOtherPlaces(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  mask: number,
): { readonly elsewhere: number; readonly twice: number } {
  return database.prepare(sumPlaces).get(first, last, mailbox, mask) as { elsewhere: number; twice: number }
}

/** The next `limit`, when their emails follow each other as they do. */
export function readCopiedRun(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  limit: number,
): PlacementRun | undefined {
  const run = database.prepare(sumCopied).get(mailbox, first, last, limit) as Omit<PlacementRun, 'firstEmail'> & {
    readonly shift: number
    readonly highShift: number
    readonly highFlags: number
  }
  const isRun =
    run.count > 0 &&
    run.count === run.last - run.first + 1 &&
    run.shift === run.highShift &&
    run.flags === run.highFlags
  return isRun ? { ...run, firstEmail: run.first + run.shift } : undefined
}

export function deleteRange(database: Database, mailbox: number, { first, last }: UidRange, mask: number): void {
  database.prepare(remove).run(mailbox, first, last, mask, mask)
}

/** For placements that are still there. */
export function insertRangeTombstones(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  facts: { readonly mask: number; readonly modSeq: number; readonly isLast: boolean; readonly nowMs: number },
): void {
  const { mask, modSeq, isLast, nowMs } = facts
  database.prepare(insertTombstones).run(modSeq, isLast ? 1 : 0, nowMs, mailbox, first, last, mask, mask)
}

/** Puts what is in the range into `target` too, from the UID `at` on. `isDense`: no UID of the range is missing. */
export function copyRange(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  to: { readonly target: number; readonly at: number; readonly isDense: boolean } & Pick<
    PlacementRow,
    'modSeq' | 'saved'
  >,
): void {
  const sql = to.isDense ? insertShifted : insertNumbered
  const shift = to.isDense ? to.at - first : to.at - 1
  database.prepare(sql).run(to.target, shift, to.modSeq, to.modSeq, to.saved, mailbox, first, last)
}
