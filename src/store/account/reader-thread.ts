/** A reader thread: what would hold the main thread up. Whole mailboxes, scans, checks of stored bytes. */
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import { emailChanges, threadChanges } from './email-changes.ts'
import { deriveColumn } from './derived-columns.ts'
import { columnBuffers, readEmailColumns, readTouchedColumns } from './email-columns.ts'
import { failureOf } from './failures.ts'
import type { LoadedView, ReaderOperations, WriterCall } from './operations.ts'
import { queryContacts } from './query-contacts.ts'
import { ReaderConnections } from './reader-connections.ts'
import type { Database } from '../sqlite.ts'
import { readBody } from './tables/body.ts'
import { readStoredFrom } from './tables/email.ts'
import { readMailbox } from './tables/mailbox.ts'
import { countImapEvents } from './tables/imap-event.ts'
import { hasOutbox } from './tables/outbox.ts'
import { packedArrays, readPackedEmails, type PackedEmails } from './tables/packed-emails.ts'
import { readColumns } from './tables/placement.ts'

const { folder } = threadData as { readonly folder: string }
const connections = new ReaderConnections(folder, { busyTimeoutMs: 5000 })

serveThread(runBatch, () => connections.close())

function runBatch(batch: Batch): void {
  for (const call of batch.calls as readonly WriterCall[]) {
    try {
      if (call.operation === 'close') {
        connections.forget(call.input.account)
        batch.answer(call, {})
      } else run(batch, call)
    } catch (error) {
      const { message, code } = failureOf(error)
      batch.refuse(call, message, code)
    }
    batch.flush()
  }
}

function run(batch: Batch, call: WriterCall): void {
  const database = connections.of(call.input.account)
  switch (call.operation as keyof ReaderOperations) {
    case 'view': {
      const view = database.read(() => loadView(database, call.input.input as ReaderOperations['view']['input']))
      const buffers = view ? [view.uids, view.flags, view.modSeqs, view.emailIds].map(column => column.buffer) : []
      return batch.answer(call, view, buffers)
    }
    case 'scrub':
      return batch.answer(
        call,
        scrub(database, call.input.account, call.input.input as ReaderOperations['scrub']['input']),
      )
    case 'hasOutbox':
      return batch.answer(call, hasOutbox(database))
    case 'emailColumns': {
      const columns = database.read(() => readEmailColumns(database))
      return batch.answer(call, columns, [...columnBuffers(columns)])
    }
    case 'touchedColumns': {
      const messages = call.input.input as ReaderOperations['touchedColumns']['input']
      const seen = database.read(() => readTouchedColumns(database, messages))
      return batch.answer(call, seen, seen ? [seen.touched.buffer, ...columnBuffers(seen.columns)] : [])
    }
    case 'derive': {
      const input = call.input.input as ReaderOperations['derive']['input']
      const values = database.read(() => deriveColumn(database, input))
      return batch.answer(call, values, [values.buffer])
    }
    case 'emailChanges':
    case 'threadChanges': {
      const input = call.input.input as ReaderOperations['emailChanges']['input']
      const read = call.operation === 'emailChanges' ? emailChanges : threadChanges
      return batch.answer(
        call,
        database.read(() => read(database, input)),
      )
    }
    case 'hasImapEvents':
      return batch.answer(call, countImapEvents(database) > 0)
    case 'queryContacts': {
      const input = call.input.input as ReaderOperations['queryContacts']['input']
      const found = database.read(() => queryContacts(database, input))
      return batch.answer(call, found, [found.ids.buffer])
    }
    case 'emails': {
      const { ids, wanted, room } = call.input.input as ReaderOperations['emails']['input']
      const emails = database.read(() => readPackedEmails(database, ids, wanted, room))
      return batch.answer(call, emails, buffersOf(emails))
    }
  }
}

/** Each once, and none that belongs to more than its array (what is empty may be shared). */
function buffersOf(emails: PackedEmails): ArrayBuffer[] {
  const whole = packedArrays(emails).filter(
    ({ buffer, byteLength }) =>
      byteLength > 0 && byteLength === buffer.byteLength && !(buffer instanceof SharedArrayBuffer),
  )
  return [...new Set(whole.map(array => array.buffer as ArrayBuffer))]
}

/** Room for messages that arrive while the view is open, before columns have to be copied to larger ones. */
const spareRows = 256

function loadView(database: Database, { mailbox }: { readonly mailbox: number }): LoadedView | undefined {
  const row = readMailbox(database, mailbox)
  if (!row) return undefined
  const rows = readColumns(database, mailbox)
  const capacity = rows.length + spareRows
  const view = {
    uidValidity: row.uidValidity,
    uidNext: row.uidNext,
    modSeq: row.highestModSeq,
    length: rows.length,
    uids: new Uint32Array(capacity),
    flags: new Uint32Array(capacity),
    modSeqs: new Float64Array(capacity),
    emailIds: new Float64Array(capacity),
  }
  rows.forEach(([uid = 0, flags = 0, modSeq = 0, email = 0], index) => {
    view.uids[index] = uid
    view.flags[index] = flags
    view.modSeqs[index] = modSeq
    view.emailIds[index] = email
  })
  return view
}

/** Reads stored messages through and compares their checksums. */
function scrub(
  database: Database,
  account: string,
  input: ReaderOperations['scrub']['input'],
): ReaderOperations['scrub']['output'] {
  const rows = readStoredFrom(database, input.fromEmail, input.limit)
  const damaged: number[] = []
  for (const row of rows) {
    const checksum =
      row.file === null
        ? crc32(readBody(database, row.id) ?? new Uint8Array(0))
        : fileChecksum(join(folder, account, 'messages', row.file))
    if (checksum !== row.checksum) damaged.push(row.id)
  }
  const last = rows.at(-1)
  return { nextEmail: last && rows.length === input.limit ? last.id + 1 : undefined, checked: rows.length, damaged }
}

function fileChecksum(path: string): number | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    const bytes = new Uint8Array(256 * 1024)
    let checksum = 0
    for (;;) {
      const read = readSync(descriptor, bytes)
      if (read === 0) return checksum
      checksum = crc32(bytes.subarray(0, read), checksum)
    }
  } finally {
    closeSync(descriptor)
  }
}
