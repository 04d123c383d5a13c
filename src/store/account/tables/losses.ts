/** Mailboxes and threads that are no more, or lost something. */
import type { Database } from '../../sqlite.ts'

const insertMailbox = `INSERT INTO mailbox_tombstone (mailbox, mod_seq) VALUES (?, ?)`
const selectMailboxes = `SELECT mailbox AS id, mod_seq AS modSeq FROM mailbox_tombstone WHERE mod_seq > ?`
const pruneMailboxes = `DELETE FROM mailbox_tombstone WHERE mod_seq <= ?`
const upsertThread = `INSERT INTO thread_loss (thread, mod_seq) VALUES (?, ?)
  ON CONFLICT (thread) DO UPDATE SET mod_seq = max(mod_seq, excluded.mod_seq)`
const selectThreads = `SELECT thread AS id, mod_seq AS modSeq FROM thread_loss WHERE mod_seq > ?`
const pruneThreads = `DELETE FROM thread_loss WHERE mod_seq <= ?`

export type Loss = { readonly id: number; readonly modSeq: number }

export function insertMailboxTombstone(database: Database, mailbox: number, modSeq: number): void {
  database.prepare(insertMailbox).run(mailbox, modSeq)
}

export function readMailboxTombstones(database: Database, since: number): readonly Loss[] {
  return database.prepare(selectMailboxes).all(since) as Loss[]
}

export function noteThreadLoss(database: Database, thread: number, modSeq: number): void {
  database.prepare(upsertThread).run(thread, modSeq)
}

export function readThreadLosses(database: Database, since: number): readonly Loss[] {
  return database.prepare(selectThreads).all(since) as Loss[]
}

/** Those up to this modseq. */
export function pruneLosses(database: Database, modSeq: number): void {
  database.prepare(pruneMailboxes).run(modSeq)
  database.prepare(pruneThreads).run(modSeq)
}
