import type { Database } from '../../sqlite.ts'

/** State of a delivery row. */
export const unconfirmed = 0
export const confirmed = 1
/** A newer attempt with the same fingerprint has taken its place. */
export const followed = 2

export type DeliveryResultRow = {
  readonly status: 'stored' | 'over-quota' | 'discarded' | 'rejected'
  readonly email: number
  readonly mailbox: number
  readonly uid: number
  /** What a rejected one was answered with */
  readonly reply: string | null
}
export type DeliveryRow = DeliveryResultRow & {
  readonly id: string
  readonly recipient: string
  readonly fingerprint: Uint8Array
  readonly origin: string
  readonly boot: number
  readonly state: number
  readonly created: number
}

const columns = `id, recipient, fingerprint, origin, boot, state, status, email, mailbox, uid, created, reply`
const selectOne = `SELECT ${columns} FROM delivery WHERE id = ? AND recipient = ?`
const selectUnconfirmed = `SELECT ${columns} FROM delivery
  WHERE fingerprint = ? AND state = 0 AND recipient = ? AND created > ? ORDER BY number DESC LIMIT 20`
const selectOfEmail = `SELECT id FROM delivery WHERE email = ? AND status = 'stored' ORDER BY number DESC LIMIT 1`
const selectRecipients = `SELECT recipient FROM delivery WHERE id = ? AND email = ? AND status = 'stored' LIMIT 100`
const insert = `INSERT INTO delivery (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id, recipient) DO UPDATE SET status = excluded.status, email = excluded.email, mailbox = excluded.mailbox,
  uid = excluded.uid, state = CASE WHEN fingerprint = excluded.fingerprint THEN max(state, excluded.state) ELSE excluded.state END,
  fingerprint = excluded.fingerprint, origin = excluded.origin, boot = excluded.boot, created = excluded.created,
  reply = excluded.reply`
const updateState = `UPDATE delivery SET state = ? WHERE id = ? AND recipient = ? AND state = 0`
const prune = `DELETE FROM delivery WHERE number IN
  (SELECT number FROM delivery WHERE number <= (SELECT max(number) FROM delivery) - ? ORDER BY number LIMIT ?) AND created < ?`

export function readDelivery(database: Database, id: string, recipient: string): DeliveryRow | undefined {
  return database.prepare(selectOne).get(id, recipient) as DeliveryRow | undefined
}

/** Younger than `createdAfter`, newest first. */
export function readUnconfirmed(
  database: Database,
  fingerprint: Uint8Array,
  recipient: string,
  createdAfter: number,
): readonly DeliveryRow[] {
  return database.prepare(selectUnconfirmed).all(fingerprint, recipient, createdAfter) as DeliveryRow[]
}

/** The id under which an email came, newest first; undefined for what was never delivered, or long ago. Goes through all that is kept. */
export function readDeliveryOf(database: Database, email: number): string | undefined {
  const row = database.prepare(selectOfEmail).get(email) as { id: string } | undefined
  return row?.id
}

/** By the id's index. */
export function readRecipientsOf(database: Database, email: number, id: string): readonly string[] {
  return (database.prepare(selectRecipients).all(id, email) as { recipient: string }[]).map(row => row.recipient)
}

export function insertDelivery(database: Database, row: DeliveryRow): void {
  database
    .prepare(insert)
    .run(
      row.id,
      row.recipient,
      row.fingerprint,
      row.origin,
      row.boot,
      row.state,
      row.status,
      row.email,
      row.mailbox,
      row.uid,
      row.created,
      row.reply,
    )
}

/** Only from unconfirmed; the others stay. */
export function setDeliveryState(database: Database, id: string, recipient: string, state: number): void {
  database.prepare(updateState).run(state, id, recipient)
}

/** Removes at most `limit` rows older than `createdBefore`, but none of the newest `kept`. */
export function pruneDeliveries(database: Database, kept: number, limit: number, createdBefore: number): void {
  database.prepare(prune).run(kept, limit, createdBefore)
}
