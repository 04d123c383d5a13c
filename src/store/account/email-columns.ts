/**
 * All emails that are shown anywhere, in columns, by the time they were received: what JMAP's Email/query (RFC 8621 §4.4) looks at besides texts. Two
 * scans of the account, so for a reader thread. 60 octets an email.
 */
import type { Database } from '../sqlite.ts'
import { readCounters } from './tables/counters.ts'

const selectEmails = `SELECT id, thread, internal_date, size_bytes, coalesce(sent_date, internal_date) FROM email ORDER BY id`
const selectPlacements = `SELECT email, mailbox, flags FROM placement WHERE flags & 16 = 0`

/** Email i; its mailboxes are mailboxes[starts[i]] up to and without mailboxes[starts[i + 1]] */
export type EmailColumnsOutput = {
  readonly modSeq: number
  readonly length: number
  readonly ids: Float64Array<ArrayBuffer>
  readonly threads: Float64Array<ArrayBuffer>
  /** Milliseconds since 1970, ascending; equal ones by id */
  readonly received: Float64Array<ArrayBuffer>
  /** Of the Date field; as received where there is none */
  readonly sent: Float64Array<ArrayBuffer>
  readonly sizes: Float64Array<ArrayBuffer>
  /** Packed, of the email: without \Deleted */
  readonly flags: Uint32Array<ArrayBuffer>
  readonly starts: Uint32Array<ArrayBuffer>
  readonly mailboxes: Float64Array<ArrayBuffer>
}

type Place = { readonly mailboxes: number[]; flags: number }

/** To be called within one read transaction. */
export function readEmailColumns(database: Database): EmailColumnsOutput {
  const modSeq = readCounters(database)?.modSeq ?? 0
  const places = new Map<number, Place>()
  let placed = 0
  for (const [email = 0, mailbox = 0, flags = 0] of rows(database, selectPlacements)) {
    const place = places.get(email)
    if (!place) places.set(email, { mailboxes: [mailbox], flags })
    else if (place.mailboxes.includes(mailbox)) continue
    else place.mailboxes.push(mailbox)
    placed++
  }
  const emails = [...rows(database, selectEmails)].filter(([id = 0]) => places.has(id))
  // Mostly they are in this order already, which the sort sees
  emails.sort(([idA = 0, , a = 0], [idB = 0, , b = 0]) => a - b || idA - idB)
  const { length } = emails
  const columns: EmailColumnsOutput = {
    modSeq,
    length,
    ids: new Float64Array(length),
    threads: new Float64Array(length),
    received: new Float64Array(length),
    sent: new Float64Array(length),
    sizes: new Float64Array(length),
    flags: new Uint32Array(length),
    starts: new Uint32Array(length + 1),
    mailboxes: new Float64Array(placed),
  }
  let at = 0
  for (const [index, [id = 0, thread = 0, received = 0, size = 0, sent = 0]] of emails.entries()) {
    const place = places.get(id)
    columns.ids[index] = id
    columns.threads[index] = thread
    columns.received[index] = received
    columns.sent[index] = sent
    columns.sizes[index] = size
    columns.flags[index] = place?.flags ?? 0
    for (const mailbox of place?.mailboxes ?? []) columns.mailboxes[at++] = mailbox
    columns.starts[index + 1] = at
  }
  return columns
}

export function columnBuffers(columns: EmailColumnsOutput): readonly ArrayBuffer[] {
  const { ids, threads, received, sent, sizes, flags, starts, mailboxes } = columns
  return [ids, threads, received, sent, sizes, flags, starts, mailboxes].map(column => column.buffer)
}

function rows(database: Database, sql: string): Iterable<readonly number[]> {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement.iterate() as unknown as Iterable<number[]>
}
