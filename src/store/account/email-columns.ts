/**
 * Emails that are shown anywhere, in columns, by the time they were received: what JMAP's Email/query (RFC 8621 §4.4) looks at besides texts. All of them
 * take two scans of the account, so for a reader thread; those that a few changes touched are read by key. 60 octets an email.
 */
import type { Database } from '../sqlite.ts'
import { readCounters, type TypeModSeqs, typeModSeqs } from './tables/counters.ts'

const emailFields = `id, thread, internal_date, size_bytes, coalesce(sent_date, internal_date)`
const selectEmails = `SELECT ${emailFields} FROM email ORDER BY id`
const selectEmail = `SELECT ${emailFields} FROM email WHERE id = ?`
const selectPlacements = `SELECT email, mailbox, flags FROM placement WHERE flags & 16 = 0`
const selectPlacementsOf = `SELECT email, mailbox, flags FROM placement WHERE email = ? AND flags & 16 = 0`
const selectAt = `SELECT email FROM placement WHERE mailbox = ? AND uid BETWEEN ? AND ?`
const selectRemoved = `SELECT DISTINCT email FROM tombstone WHERE mod_seq > ?`

/** Email i; its mailboxes are mailboxes[starts[i]] up to and without mailboxes[starts[i + 1]] */
export type EmailColumnsOutput = {
  readonly modSeq: number
  /** When each type last changed, up to there */
  readonly types: TypeModSeqs
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

/** What commits have touched, as their notices tell it */
export type TouchedMessages = {
  /** Threes: a mailbox, the first UID and the last one, both included */
  readonly places: readonly number[]
  /** Pairs: the first email and the last one */
  readonly emails: readonly number[]
  /** Messages were removed after this modseq */
  readonly removedSince: number | undefined
}

export type TouchedColumnsOutput = {
  /** Of these emails, in no order: those that are shown are in `columns` */
  readonly touched: Float64Array<ArrayBuffer>
  readonly columns: EmailColumnsOutput
}

type Place = { readonly mailboxes: number[]; flags: number }

/** To be called within one read transaction, as the next one. */
export function readEmailColumns(database: Database): EmailColumnsOutput {
  const places = placesIn(rows(database, selectPlacements))
  return columnsOf(database, [...rows(database, selectEmails)], places)
}

/** Undefined: what was removed is not known so far back. */
export function readTouchedColumns(database: Database, messages: TouchedMessages): TouchedColumnsOutput | undefined {
  const { emails, places, removedSince } = messages
  if (removedSince !== undefined && removedSince < (readCounters(database)?.tombstoneFloor ?? 0)) return undefined
  const touched = new Set<number>()
  for (let at = 0; at < emails.length; at += 2)
    for (let id = emails[at] ?? 0; id <= (emails[at + 1] ?? 0); id++) touched.add(id)
  for (let at = 0; at < places.length; at += 3)
    for (const [id = 0] of rows(database, selectAt, ...places.slice(at, at + 3))) touched.add(id)
  if (removedSince !== undefined) for (const [id = 0] of rows(database, selectRemoved, removedSince)) touched.add(id)
  const found = [...touched].flatMap(id => [...rows(database, selectPlacementsOf, id)])
  const read = [...touched].flatMap(id => [...rows(database, selectEmail, id)])
  return { touched: Float64Array.from(touched), columns: columnsOf(database, read, placesIn(found)) }
}

function placesIn(placements: Iterable<readonly number[]>): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>()
  for (const [email = 0, mailbox = 0, flags = 0] of placements) {
    const place = places.get(email)
    if (!place) places.set(email, { mailboxes: [mailbox], flags })
    else if (!place.mailboxes.includes(mailbox)) place.mailboxes.push(mailbox)
  }
  return places
}

/** Of those among `read` that have a place */
function columnsOf(
  database: Database,
  read: readonly (readonly number[])[],
  places: ReadonlyMap<number, Place>,
): EmailColumnsOutput {
  const emails = read.filter(([id = 0]) => places.has(id))
  // Mostly they are in this order already, which the sort sees
  emails.sort(([idA = 0, , a = 0], [idB = 0, , b = 0]) => a - b || idA - idB)
  const { length } = emails
  let placed = 0
  for (const [id = 0] of emails) placed += places.get(id)?.mailboxes.length ?? 0
  const counters = readCounters(database)
  const columns: EmailColumnsOutput = {
    modSeq: counters?.modSeq ?? 0,
    types: typeModSeqs(counters),
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

function rows(database: Database, sql: string, ...values: readonly number[]): Iterable<readonly number[]> {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement.iterate(...values) as unknown as Iterable<number[]>
}
