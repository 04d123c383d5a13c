/** Letters that report on what was sent from here. */
import type { Database } from '../../sqlite.ts'

export type ReportRow = {
  readonly email: number
  readonly kind: 'dsn' | 'mdn'
  /** Of the entry in our own queue, where that has written it */
  readonly delivery: string | null
  readonly messageId: string | null
  readonly envelopeId: string | null
  /** JSON, as formats/dsn/read-report.ts has them */
  readonly recipients: string
}

/** JSON arrays of what may be named */
export type ReportKeys = { readonly deliveries: string; readonly messageIds: string; readonly envelopeIds: string }

const columns = 'email, kind, delivery, message_id AS messageId, envelope_id AS envelopeId, recipients'
const insert = `INSERT INTO report (email, kind, delivery, message_id, envelope_id, recipients) VALUES (?, ?, ?, ?, ?, ?)`
const remove = `DELETE FROM report WHERE email = ?`
const selectAny = `SELECT 1 FROM report LIMIT 1`
const countAlike = `SELECT count(*) AS count FROM (SELECT 1 FROM report WHERE message_id = ?1 LIMIT ?3)
  UNION ALL SELECT count(*) FROM (SELECT 1 FROM report WHERE envelope_id = ?2 LIMIT ?3)`
const selectAbout = `SELECT ${columns} FROM report WHERE delivery IN (SELECT value FROM json_each(?1))
  UNION SELECT ${columns} FROM report WHERE message_id IN (SELECT value FROM json_each(?2))
  UNION SELECT ${columns} FROM report WHERE envelope_id IN (SELECT value FROM json_each(?3)) ORDER BY email`
const selectOf = `SELECT ${columns} FROM report WHERE email IN (SELECT value FROM json_each(?)) ORDER BY email`

export function insertReport(database: Database, row: ReportRow): void {
  const { email, kind, delivery, messageId, envelopeId, recipients } = row
  database.prepare(insert).run(email, kind, delivery, messageId, envelopeId, recipients)
}

/** False: it is none. */
export function deleteReport(database: Database, email: number): boolean {
  return database.prepare(remove).run(email).changes > 0
}

export function hasReports(database: Database): boolean {
  return database.prepare(selectAny).get() !== undefined
}

/** So many name the same letter by its id, or by the id of its envelope; `most` at most. */
export function reportsAlike(
  database: Database,
  { messageId, envelopeId }: Pick<ReportRow, 'messageId' | 'envelopeId'>,
  most: number,
): number {
  const rows = database.prepare(countAlike).all(messageId, envelopeId, most) as { count: number }[]
  return Math.max(...rows.map(({ count }) => count))
}

/** In the order in which they came */
export function readReportsAbout(database: Database, keys: ReportKeys): readonly ReportRow[] {
  if (!hasReports(database)) return []
  return database.prepare(selectAbout).all(keys.deliveries, keys.messageIds, keys.envelopeIds) as ReportRow[]
}

/** `emails`: a JSON array */
export function readReportsOf(database: Database, emails: string): readonly ReportRow[] {
  return database.prepare(selectOf).all(emails) as ReportRow[]
}
