import type { Database } from '../../sqlite.ts'

export type ImapEventRow = {
  readonly number: number
  readonly modSeq: number
  readonly cause: 'APPEND' | 'COPY' | 'FLAG'
  readonly mailbox: number
  /** Of all; the first `done` have been seen by the script */
  readonly uids: Uint32Array
  readonly done: number
  readonly flags: string
  readonly script: string
  readonly login: string
  readonly happened: number
}

const insert = `INSERT INTO imap_event (mod_seq, cause, mailbox, uids, done, flags, script, login, happened)
  VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)`
const columns = `number, mod_seq AS modSeq, cause, mailbox, uids, done, flags, script, login, happened`
const selectOldest = `SELECT ${columns} FROM imap_event ORDER BY number LIMIT 1`
const selectOne = `SELECT ${columns} FROM imap_event WHERE number = ?`
const selectCount = `SELECT count(*) AS count FROM imap_event`
const update = `UPDATE imap_event SET done = ? WHERE number = ?`
const remove = `DELETE FROM imap_event WHERE number = ?`

export function insertImapEvent(database: Database, row: Omit<ImapEventRow, 'number' | 'done'>): void {
  const { cause, flags, happened, login, mailbox, modSeq, script, uids } = row
  const bytes = new Uint8Array(uids.buffer, uids.byteOffset, uids.byteLength)
  database.prepare(insert).run(modSeq, cause, mailbox, bytes, flags, script, login, happened)
}

export function countImapEvents(database: Database): number {
  return (database.prepare(selectCount).get() as { count: number }).count
}

export function readOldestImapEvent(database: Database): ImapEventRow | undefined {
  return asRow(database.prepare(selectOldest).get())
}

export function readImapEvent(database: Database, number: number): ImapEventRow | undefined {
  return asRow(database.prepare(selectOne).get(number))
}

/** One that is done goes. */
export function advanceImapEvent(database: Database, { number, uids }: ImapEventRow, done: number): void {
  if (done >= uids.length) database.prepare(remove).run(number)
  else database.prepare(update).run(done, number)
}

function asRow(row: unknown): ImapEventRow | undefined {
  if (!row) return undefined
  const { uids, ...rest } = row as Omit<ImapEventRow, 'uids'> & { readonly uids: Uint8Array }
  // a copy: columns are not aligned
  return { ...rest, uids: new Uint32Array(Uint8Array.from(uids).buffer) }
}
