import type { Database } from '../../sqlite.ts'

export type Counters = {
  epoch: number
  modSeq: number
  nextMailbox: number
  nextEmail: number
  nextUidValidity: number
  emails: number
  placements: number
  usedBytes: number
  tombstoneFloor: number
  /** When what JMAP shows of each type last changed; `usedModSeq`: `usedBytes` */
  emailModSeq: number
  threadModSeq: number
  mailboxModSeq: number
  usedModSeq: number
  roleNames: string
}

const select = `SELECT epoch, mod_seq AS modSeq, next_mailbox AS nextMailbox, next_email AS nextEmail,
  next_uid_validity AS nextUidValidity, emails, placements, used_bytes AS usedBytes, tombstone_floor AS tombstoneFloor,
  email_mod_seq AS emailModSeq, thread_mod_seq AS threadModSeq, mailbox_mod_seq AS mailboxModSeq, used_mod_seq AS usedModSeq,
  role_names AS roleNames FROM counters`
const insert = `INSERT INTO counters (id, epoch, mod_seq, next_mailbox, next_email, next_uid_validity, emails,
  placements, used_bytes, tombstone_floor, role_names) VALUES (1, 1, 1, 1, 1, ?, 0, 0, 0, 0, ?)`
const update = `UPDATE counters SET epoch = ?, mod_seq = ?, next_mailbox = ?, next_email = ?, next_uid_validity = ?,
  emails = ?, placements = ?, used_bytes = ?, tombstone_floor = ?, email_mod_seq = ?, thread_mod_seq = ?, mailbox_mod_seq = ?,
  used_mod_seq = ?, role_names = ?`

/** What has a state of its own in JMAP and stands in columns of its own here; `used`: octets */
export type CountedType = 'email' | 'thread' | 'mailbox' | 'used'
export type TypeModSeqs = Readonly<Record<CountedType, number>>

export function typeModSeqs(counters: Readonly<Counters> | undefined): TypeModSeqs {
  const { emailModSeq = 0, threadModSeq = 0, mailboxModSeq = 0, usedModSeq = 0 } = counters ?? {}
  return { email: emailModSeq, thread: threadModSeq, mailbox: mailboxModSeq, used: usedModSeq }
}

/** Undefined while the account's creation has not been committed. */
export function readCounters(database: Database): Counters | undefined {
  const row = database.prepare(select).get()
  return row ? ({ ...row } as Counters) : undefined
}

export function insertCounters(database: Database, firstUidValidity: number, roleNames: string): void {
  database.prepare(insert).run(firstUidValidity, roleNames)
}

export function updateCounters(database: Database, row: Counters): void {
  database
    .prepare(update)
    .run(
      row.epoch,
      row.modSeq,
      row.nextMailbox,
      row.nextEmail,
      row.nextUidValidity,
      row.emails,
      row.placements,
      row.usedBytes,
      row.tombstoneFloor,
      row.emailModSeq,
      row.threadModSeq,
      row.mailboxModSeq,
      row.usedModSeq,
      row.roleNames,
    )
}
