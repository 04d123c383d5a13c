/** Emails that came back from being marked \Deleted everywhere. */
import type { Database } from '../../sqlite.ts'

/** `hidden`: it was not shown since then, or since before; `modSeq`: it is shown again, or 0 */
export type EmailBack = { readonly hidden: number; readonly modSeq: number }

const selectOne = `SELECT hidden_mod_seq AS hidden, mod_seq AS modSeq FROM email_back WHERE email = ?`
const upsert = `INSERT INTO email_back (email, hidden_mod_seq, mod_seq) VALUES (?, ?, ?)
  ON CONFLICT (email) DO UPDATE SET hidden_mod_seq = max(hidden_mod_seq, excluded.hidden_mod_seq), mod_seq = excluded.mod_seq`
const upsertHidden = `INSERT INTO email_back (email, hidden_mod_seq, mod_seq) VALUES (?, ?, 0)
  ON CONFLICT (email) DO UPDATE SET hidden_mod_seq = excluded.hidden_mod_seq`
const remove = `DELETE FROM email_back WHERE email = ?`
const isHiddenElse = `NOT EXISTS (SELECT 1 FROM placement o INDEXED BY placement_email
  WHERE o.email = p.email AND o.flags & 16 = 0 AND (o.mailbox <> p.mailbox OR o.uid <> p.uid))`
const range = `FROM placement p WHERE p.mailbox = ? AND p.uid BETWEEN ? AND ?`
const selectDecided = `SELECT 1 ${range} AND ${isHiddenElse} LIMIT 1`
const insertRange = `INSERT INTO email_back (email, hidden_mod_seq, mod_seq)
  SELECT p.email, (SELECT max(mod_seq) FROM placement o INDEXED BY placement_email WHERE o.email = p.email), ?
  ${range} AND p.flags & 16 <> 0 AND p.mod_seq <= ? AND ${isHiddenElse}
  ON CONFLICT (email) DO UPDATE SET hidden_mod_seq = max(hidden_mod_seq, excluded.hidden_mod_seq), mod_seq = excluded.mod_seq`
const insertHidden = `INSERT INTO email_back (email, hidden_mod_seq, mod_seq) SELECT p.email, ?, 0 ${range} AND p.flags & ? = ? AND p.flags & 16 = 0
  AND EXISTS (SELECT 1 FROM placement o INDEXED BY placement_email WHERE o.email = p.email AND (o.mailbox <> p.mailbox OR o.uid <> p.uid))
  AND ${isHiddenElse}
  ON CONFLICT (email) DO UPDATE SET hidden_mod_seq = excluded.hidden_mod_seq`

export function readBack(database: Database, email: number): EmailBack | undefined {
  return database.prepare(selectOne).get(email) as EmailBack | undefined
}

export function noteBack(database: Database, email: number, { hidden, modSeq }: EmailBack): void {
  database.prepare(upsert).run(email, hidden, modSeq)
}

/** It has lost the last place where it was shown, and stays in others. */
export function noteHidden(database: Database, email: number, modSeq: number): void {
  database.prepare(upsertHidden).run(email, modSeq)
}

export function forgetBack(database: Database, email: number): void {
  database.prepare(remove).run(email)
}

type UidRange = { readonly first: number; readonly last: number }

/** All in the range that are marked \Deleted, were not changed after `since`, and are shown nowhere else: their marks are about to go. */
export function noteRangeBack(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  { modSeq, since }: { readonly modSeq: number; readonly since: number },
): void {
  database.prepare(insertRange).run(modSeq, mailbox, first, last, since)
}

/** The same of all that are about to leave: those of the range that have all flags of `mask`. How many are shown no more and stay. */
export function noteRangeHidden(
  database: Database,
  mailbox: number,
  { first, last }: UidRange,
  { mask, modSeq }: { readonly mask: number; readonly modSeq: number },
): number {
  return Number(database.prepare(insertHidden).run(modSeq, mailbox, first, last, mask, mask).changes)
}

/** Whether any email of the range is shown in no other place. */
export function hasOnlyShown(database: Database, mailbox: number, { first, last }: UidRange): boolean {
  return database.prepare(selectDecided).get(mailbox, first, last) !== undefined
}
