/**
 * Many emails at a time: one statement for all of them instead of one each, and their octets in one piece instead of an
 * object and a copy each.
 */
import { crc32 } from 'node:zlib'
import { copyBytes, freeBytes, unfilledBytes } from '#base/bytes.ts'
import type { Database } from '../../sqlite.ts'
import { withoutDoomed } from './doomed.ts'
import {
  type Columns,
  type NumberColumn,
  type OctetColumn,
  packed,
  type PackedPart,
  readBodies,
  readColumns,
  readExisting,
} from './packed-columns.ts'

export type { PackedPart }
/** What stands ready made in the rows, and the octets of small messages that lie in the database. */
export type PackedPartName = OctetColumn | 'header' | 'message'
/** Numbers of the rows */
export type PackedFactName = 'internalDate' | 'sizeBytes' | 'threadId' | 'headerBytes' | 'sentDate'

export type PackedEmails = {
  /** So many of the ids, from the first on; the others did not fit into one piece */
  readonly count: number
  /** 0 where the email is gone */
  readonly found: Uint8Array
  /** What was asked for, and what its parts need; NaN for NULL */
  readonly facts: Readonly<Partial<Record<PackedFactName, Float64Array>>>
  readonly parts: Readonly<Partial<Record<PackedPartName, PackedPart>>>
}

/** Larger messages and headers are read one by one, by those who can take them in chunks. */
const smallMessageBytes = 64 * 1024
const smallHeaderBytes = 8 * 1024
/** Octets of messages in one piece */
const pieceBytes = 1024 * 1024
/** As many small letters of a few KB. Of larger ones some rows are read in vain. */
const pieceRows = 256
/** Bodies that SQLite puts together at once: what the processor's cache holds, and no so large a block that it is taken from the system each time. */
const sliceRows = 64

/** By these the octets in the database are told apart and checked. */
const storedColumns = {
  header: ['sizeBytes', 'headerBytes', 'isInDatabase'],
  message: ['sizeBytes', 'headerBytes', 'isInDatabase', 'checksum'],
} as const
const factNames: ReadonlySet<string> = new Set<PackedFactName>([
  'internalDate',
  'sizeBytes',
  'threadId',
  'headerBytes',
  'sentDate',
])

type Wanted = { readonly numbers: readonly NumberColumn[]; readonly octets: readonly OctetColumn[] }

/** `named`: ids in any order, any of them more than once. `room`: for messages. To be called within one read transaction. */
export function readPackedEmails(
  database: Database,
  named: readonly number[],
  names: readonly (PackedPartName | PackedFactName)[],
  room?: SharedArrayBuffer,
): PackedEmails {
  const ids = withoutDoomed(database, named)
  const wanted = wantedBy(names)
  const rows = columnsOf(database, names.includes('message') ? ids.slice(0, pieceRows) : ids, wanted)
  const count = names.includes('message') ? fitting(rows) : ids.length
  const asked = count < ids.length ? ids.slice(0, count) : ids
  const parts: Partial<Record<PackedPartName, PackedPart>> = {}
  for (const name of wanted.octets) {
    const part = rows.octets[name]
    if (part) parts[name] = { ...part, starts: part.starts.subarray(0, count), ends: part.ends.subarray(0, count) }
  }
  const facts: Partial<Record<PackedFactName, Float64Array>> = {}
  for (const name of wanted.numbers) {
    const values = rows.numbers[name]
    if (values && isFact(name)) facts[name] = values.subarray(0, count)
  }
  const header = names.includes('header') && readHeads(database, asked, rows.numbers)
  if (header) parts.header = header
  const message = names.includes('message') && readMessages(database, asked, rows.numbers, room)
  if (message) parts.message = message
  return { count, found: rows.found.subarray(0, count), facts, parts }
}

function wantedBy(names: readonly (PackedPartName | PackedFactName)[]): Wanted {
  const numbers = new Set<NumberColumn>()
  const octets: OctetColumn[] = []
  for (const name of names)
    if (name === 'header' || name === 'message') for (const column of storedColumns[name]) numbers.add(column)
    else if (isFact(name)) numbers.add(name)
    else octets.push(name)
  return { numbers: [...numbers], octets }
}

function isFact(name: string): name is PackedFactName {
  return factNames.has(name)
}

/** How many of the first make one piece: at least one. */
function fitting({ numbers, found }: Rows): number {
  let total = 0
  for (let index = 0; index < found.length; index++) {
    const size = isSmall(numbers, index) ? (numbers.sizeBytes?.[index] ?? 0) : 0
    if (index > 0 && total + size > pieceBytes) return index
    total += size
  }
  return found.length
}

type Rows = Columns & { readonly found: Uint8Array }

/** The same where some have no row. */
function columnsOf(database: Database, ids: readonly number[], wanted: Wanted): Rows {
  const all = readColumns(database, ids, wanted)
  if (all) return { ...all, found: new Uint8Array(ids.length).fill(1) }
  const places = readExisting(database, ids)
  const some = readColumns(
    database,
    places.map(place => ids[place] ?? 0),
    wanted,
  )
  if (!some) throw new Error('Emails went while they were read')
  const numbers: Partial<Record<NumberColumn, Float64Array>> = {}
  for (const name of wanted.numbers)
    numbers[name] = spread(places, some.numbers[name], new Float64Array(ids.length).fill(Number.NaN))
  const octets: Partial<Record<OctetColumn, PackedPart>> = {}
  for (const name of wanted.octets) {
    const part = some.octets[name]
    if (!part) continue
    const starts = spread(places, part.starts, new Uint32Array(ids.length))
    octets[name] = { bytes: part.bytes, starts, ends: spread(places, part.ends, new Uint32Array(ids.length)) }
  }
  return { numbers, octets, found: spread(places, new Uint8Array(places.length).fill(1), new Uint8Array(ids.length)) }
}

function spread<Values extends Uint8Array | Uint32Array | Float64Array>(
  places: readonly number[],
  values: ArrayLike<number> | undefined,
  into: Values,
): Values {
  places.forEach((place, at) => {
    into[place] = values?.[at] ?? 0
  })
  return into
}

type Numbers = Columns['numbers']

function isSmall(rows: Numbers, index: number): boolean {
  return rows.isInDatabase?.[index] === 1 && (rows.sizeBytes?.[index] ?? 0) <= smallMessageBytes
}

/** Whole messages whose checksum is right; a damaged one is left to those who name it. Undefined: each has to be read by itself. */
function readMessages(
  database: Database,
  ids: readonly number[],
  rows: Numbers,
  room: SharedArrayBuffer | undefined,
): PackedPart | undefined {
  const small: number[] = []
  let total = 0
  for (let index = 0; index < ids.length; index++) {
    if (!isSmall(rows, index)) continue
    small.push(index)
    total += rows.sizeBytes?.[index] ?? 0
  }
  const bytes = room && total <= room.byteLength ? new Uint8Array(room, 0, total) : unfilledBytes(total)
  const part = { bytes, starts: new Uint32Array(ids.length), ends: new Uint32Array(ids.length) }
  let start = 0
  for (let from = 0; from < small.length; from += sliceRows) {
    const slice = small.slice(from, from + sliceRows)
    const end = readSlice(database, { ids, rows, slice, part, start })
    if (end === undefined) return undefined
    start = end
  }
  return part
}

/** `slice`: places in `ids`. Returns where their octets end in the part; undefined when they are not as long as the rows say. */
function readSlice(
  database: Database,
  {
    ids,
    rows,
    slice,
    part,
    start,
  }: {
    readonly ids: readonly number[]
    readonly rows: Numbers
    readonly slice: readonly number[]
    readonly part: PackedPart
    readonly start: number
  },
): number | undefined {
  const read = readBodies(
    database,
    slice.map(place => ids[place] ?? 0),
  )
  if (!read) return undefined
  let at = 0
  for (const place of slice) {
    const first = at
    at += rows.sizeBytes?.[place] ?? 0
    if (crc32(read.subarray(first, at)) !== rows.checksum?.[place]) continue
    part.starts[place] = start + first
    part.ends[place] = start + at
  }
  if (at !== read.length) return undefined
  copyBytes(read, part.bytes, start)
  freeBytes(read)
  return start + at
}

/** The octets of the header with its empty line. */
function readHeads(database: Database, ids: readonly number[], rows: Numbers): PackedPart | undefined {
  const headerBytes = (index: number) => rows.headerBytes?.[index] ?? Number.NaN
  const isWanted = (index: number) => rows.isInDatabase?.[index] === 1 && headerBytes(index) <= smallHeaderBytes
  let longest = 0
  const wanted: number[] = []
  for (let index = 0; index < ids.length; index++) {
    if (!isWanted(index)) continue
    longest = Math.max(longest, headerBytes(index))
    wanted.push(ids[index] ?? 0)
  }
  const lengths = new Float64Array(ids.length)
  for (let index = 0; index < ids.length; index++)
    lengths[index] = isWanted(index) ? Math.min(longest, rows.sizeBytes?.[index] ?? 0) : Number.NaN
  const part = packed(readBodies(database, wanted, longest), lengths)
  for (let index = 0; part && index < ids.length; index++)
    if (part.ends[index]) part.ends[index] = (part.starts[index] ?? 0) + headerBytes(index)
  return part
}

/** All memory of the result: what can be handed to another thread instead of being copied. */
export function packedArrays({
  found,
  facts,
  parts,
}: PackedEmails): readonly (Uint8Array | Uint32Array | Float64Array)[] {
  return [
    found,
    ...Object.values(facts),
    ...Object.values(parts).flatMap(({ bytes, starts, ends }) => [bytes, starts, ends]),
  ]
}
