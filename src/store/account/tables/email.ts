import type { Database } from '../../sqlite.ts'
import { notDoomed } from './doomed.ts'

export type EmailTableRow = {
  readonly id: number
  readonly thread: number
  readonly internalDate: number
  readonly sizeBytes: number
  readonly traceBytes: number
  readonly headerBytes: number
  readonly receivedHash: Uint8Array
  readonly checksum: number
  readonly file: string | null
  readonly envelope: Uint8Array
  readonly bodyStructure: Uint8Array
  readonly body: Uint8Array
  readonly messageId: number | null
  readonly sentDate: number | null
  readonly referenceKeys: Uint8Array
  readonly filed: 0 | 1
  readonly parsed: 0 | 1
  readonly createdModSeq: number
  readonly preview: string | null
  readonly commonFields: Uint8Array | null
}

const insert = `INSERT INTO email (id, thread, internal_date, size_bytes, trace_bytes, header_bytes, received_hash,
  checksum, file, envelope, body_structure, body, message_id, sent_date, reference_keys, filed, parsed, created_mod_seq,
  preview, common_fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const selectReady = `SELECT id, thread AS threadId, internal_date AS internalDate, size_bytes AS sizeBytes, envelope,
  body_structure AS bodyStructure, body, header_bytes AS headerBytes FROM email WHERE id = ? AND ${notDoomed}`
const selectStored = `SELECT size_bytes AS sizeBytes, trace_bytes AS traceBytes, received_hash AS receivedHash, checksum, file
  FROM email WHERE id = ? AND ${notDoomed}`
const selectStoredFrom = `SELECT id, size_bytes AS sizeBytes, checksum, file FROM email WHERE id >= ? AND ${notDoomed} ORDER BY id LIMIT ?`
const selectForRemoval = `SELECT thread, size_bytes AS sizeBytes, file, reference_keys AS referenceKeys FROM email WHERE id = ?`
const selectFiled = `SELECT id FROM email WHERE filed = 1 AND message_id = ?`
const selectMessageId = `SELECT message_id AS messageId FROM email WHERE id = ?`
const selectInThread = `SELECT id FROM email WHERE thread = ? AND message_id = ?`
const selectAnyInThread = `SELECT 1 AS found FROM email WHERE thread = ? LIMIT 1`
const selectThread = `SELECT id FROM email WHERE thread = ? AND id > ? AND ${notDoomed} ORDER BY id LIMIT ?`
const selectInternalDate = `SELECT internal_date AS internalDate FROM email WHERE id = ? AND ${notDoomed}`
const selectPreview = `SELECT preview FROM email WHERE id = ? AND ${notDoomed}`
const updatePreview = `UPDATE email SET preview = ? WHERE id = ?`
const selectFiles = `SELECT file FROM email WHERE file IS NOT NULL`
const remove = `DELETE FROM email WHERE id = ?`

export function insertEmail(database: Database, row: EmailTableRow): void {
  database
    .prepare(insert)
    .run(
      row.id,
      row.thread,
      row.internalDate,
      row.sizeBytes,
      row.traceBytes,
      row.headerBytes,
      row.receivedHash,
      row.checksum,
      row.file,
      row.envelope,
      row.bodyStructure,
      row.body,
      row.messageId,
      row.sentDate,
      row.referenceKeys,
      row.filed,
      row.parsed,
      row.createdModSeq,
      row.preview,
      row.commonFields,
    )
}

export type ReadyEmail = Pick<
  EmailTableRow,
  'id' | 'internalDate' | 'sizeBytes' | 'envelope' | 'bodyStructure' | 'body' | 'headerBytes'
> & { readonly threadId: number }

export function readReadyEmail(database: Database, id: number): ReadyEmail | undefined {
  return database.prepare(selectReady).get(id) as ReadyEmail | undefined
}

export type StoredEmail = Pick<EmailTableRow, 'sizeBytes' | 'traceBytes' | 'receivedHash' | 'checksum' | 'file'>

export function readStoredEmail(database: Database, id: number): StoredEmail | undefined {
  return database.prepare(selectStored).get(id) as StoredEmail | undefined
}

export function readStoredFrom(
  database: Database,
  id: number,
  limit: number,
): readonly Pick<EmailTableRow, 'id' | 'sizeBytes' | 'checksum' | 'file'>[] {
  return database.prepare(selectStoredFrom).all(id, limit) as Pick<
    EmailTableRow,
    'id' | 'sizeBytes' | 'checksum' | 'file'
  >[]
}

export function readEmailForRemoval(
  database: Database,
  id: number,
): Pick<EmailTableRow, 'thread' | 'sizeBytes' | 'file' | 'referenceKeys'> | undefined {
  return database.prepare(selectForRemoval).get(id) as
    | Pick<EmailTableRow, 'thread' | 'sizeBytes' | 'file' | 'referenceKeys'>
    | undefined
}

/** Sent copies that the server filed, with this Message-ID. */
export function readFiled(database: Database, messageId: number): readonly number[] {
  return (database.prepare(selectFiled).all(messageId) as { id: number }[]).map(row => row.id)
}

/** Hash of its Message-ID; null without one */
export function readMessageIdHash(database: Database, id: number): number | null {
  return (database.prepare(selectMessageId).get(id) as { messageId: number | null } | undefined)?.messageId ?? null
}

export function readInThread(database: Database, thread: number, messageId: number): readonly number[] {
  return (database.prepare(selectInThread).all(thread, messageId) as { id: number }[]).map(row => row.id)
}

export function readInternalDate(database: Database, id: number): number | undefined {
  return (database.prepare(selectInternalDate).get(id) as { internalDate: number } | undefined)?.internalDate
}

/** Null: not made yet; undefined: no such email. */
export function readPreview(database: Database, id: number): string | null | undefined {
  return (database.prepare(selectPreview).get(id) as { preview: string | null } | undefined)?.preview
}

export function keepPreview(database: Database, id: number, preview: string): void {
  database.prepare(updatePreview).run(preview, id)
}

/** Emails of a thread, ascending, those after `after`. */
export function readThreadEmails(database: Database, thread: number, after: number, limit: number): readonly number[] {
  return (database.prepare(selectThread).all(thread, after, limit) as { id: number }[]).map(row => row.id)
}

export function threadHasEmails(database: Database, thread: number): boolean {
  return database.prepare(selectAnyInThread).get(thread) !== undefined
}

export function readFileNames(database: Database): ReadonlySet<string> {
  return new Set((database.prepare(selectFiles).all() as { file: string }[]).map(row => row.file))
}

export function deleteEmail(database: Database, id: number): void {
  database.prepare(remove).run(id)
}
