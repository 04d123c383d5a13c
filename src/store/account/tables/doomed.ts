import type { Database } from '../../sqlite.ts'

/** Ids of emails, both ends included, and when they lost their last placement. Ranges never overlap. */
export type DoomedRange = { readonly first: number; readonly last: number; readonly modSeq: number }

const insert = `INSERT INTO doomed (first, last, mod_seq) VALUES (?, ?, ?)`
const selectFirst = `SELECT first, last, mod_seq AS modSeq FROM doomed ORDER BY first LIMIT 1`
const selectAny = `SELECT 1 FROM doomed LIMIT 1`
const selectAround = `SELECT last FROM doomed WHERE first <= ? ORDER BY first DESC LIMIT 1`
const shorten = `UPDATE doomed SET first = ? WHERE first = ?`
const remove = `DELETE FROM doomed WHERE first = ?`

/** For the WHERE of a statement over `email`: true of those that are not doomed. */
export const notDoomed = `coalesce((SELECT last FROM doomed WHERE first <= email.id ORDER BY first DESC LIMIT 1), 0) < email.id`

export function insertDoomed(database: Database, range: DoomedRange): void {
  database.prepare(insert).run(range.first, range.last, range.modSeq)
}

export function readFirstDoomed(database: Database): DoomedRange | undefined {
  return database.prepare(selectFirst).get() as DoomedRange | undefined
}

export function hasDoomed(database: Database): boolean {
  return database.prepare(selectAny).get() !== undefined
}

export function isDoomed(database: Database, email: number): boolean {
  const around = database.prepare(selectAround).get(email) as { last: number } | undefined
  return around !== undefined && around.last >= email
}

/** No email has this id. */
const nobody = -1

/** The same ids, with `nobody` in the place of those that are doomed. */
export function withoutDoomed(database: Database, emails: readonly number[]): readonly number[] {
  return hasDoomed(database) ? emails.map(email => (isDoomed(database, email) ? nobody : email)) : emails
}

export function shortenDoomed(database: Database, range: DoomedRange, first: number): void {
  database.prepare(shorten).run(first, range.first)
}

export function deleteDoomed(database: Database, range: DoomedRange): void {
  database.prepare(remove).run(range.first)
}
