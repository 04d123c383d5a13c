/** The rows of search.db. */
import { crc32 } from 'node:zlib'
import { type LetterFacts, packFacts, unpackFacts } from '#formats/search/facts.ts'
import type { Segment } from '#formats/search/segment.ts'
import { ownBytes } from '#base/bytes.ts'
import type { Database } from '../sqlite.ts'

export type IndexState = {
  readonly epoch: number
  readonly indexed: number
  readonly markEmail: number
  readonly markChecksum: number
  readonly removedModSeq: number
  readonly wordSeed: number
  readonly nextSegment: number
  readonly nextBlock: number
}

/** Segments of letters, and of the documents attached to them */
export const segmentKinds = { letters: 0, documents: 1 } as const
export type SegmentKind = (typeof segmentKinds)[keyof typeof segmentKinds]

export type SegmentRow = {
  readonly id: number
  readonly kind: SegmentKind
  readonly firstEmail: number
  readonly lastEmail: number
  readonly letters: number
  readonly gone: number
  readonly firstBlock: number
  readonly blocks: number
  readonly fieldBlocks: number
}

const selectState = `SELECT epoch, indexed, mark_email AS markEmail, mark_checksum AS markChecksum,
  removed_mod_seq AS removedModSeq, word_seed AS wordSeed, next_segment AS nextSegment, next_block AS nextBlock FROM state`
const replaceState = `REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)`
const selectSegments = `SELECT id, kind, first_email AS firstEmail, last_email AS lastEmail, letters, gone, first_block AS firstBlock,
  blocks, field_blocks AS fieldBlocks FROM segment ORDER BY kind, first_email`
const selectColumns = `SELECT emails, facts, first_keys AS firstKeys FROM segment WHERE id = ?`
const insertSegmentRow = `INSERT INTO segment VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)`
const deleteSegmentRow = `DELETE FROM segment WHERE id = ?`
const countGone = `UPDATE segment SET gone = (SELECT count(*) FROM gone WHERE gone.kind = segment.kind AND email BETWEEN first_email AND last_email)`
const selectBlock = `SELECT checksum, bytes FROM block WHERE id = ?`
const insertBlockRow = `INSERT INTO block VALUES (?, ?, ?)`
const deleteBlockRows = `DELETE FROM block WHERE id >= ? AND id < ?`
const insertGoneRow = `INSERT OR IGNORE INTO gone VALUES (0, ?)`
const insertGoneDocument = `INSERT OR IGNORE INTO gone SELECT 1, email FROM document WHERE email = ? AND indexed = 1`
const deleteWaitingRow = `DELETE FROM waiting WHERE email = ?`
const deleteDocumentRow = `DELETE FROM document WHERE email = ?`
const selectGone = `SELECT email FROM gone WHERE kind = ? AND email BETWEEN ? AND ?`
const deleteGoneRows = `DELETE FROM gone WHERE kind = ? AND email BETWEEN ? AND ?`

/** Undefined before the first batch. */
export function readState(database: Database): IndexState | undefined {
  return database.prepare(selectState).get() as IndexState | undefined
}

export function writeState(database: Database, state: IndexState): void {
  const { epoch, indexed, markEmail, markChecksum, removedModSeq, wordSeed, nextSegment, nextBlock } = state
  database
    .prepare(replaceState)
    .run(epoch, indexed, markEmail, markChecksum, removedModSeq, wordSeed, nextSegment, nextBlock)
}

export function readSegments(database: Database): readonly SegmentRow[] {
  return database.prepare(selectSegments).all() as SegmentRow[]
}

export function insertSegment(
  database: Database,
  row: {
    readonly id: number
    readonly kind: SegmentKind
    readonly firstBlock: number
    readonly emails: readonly number[]
    readonly firstKeys: readonly number[]
    readonly fieldBlocks: number
    readonly facts: readonly LetterFacts[]
  },
): void {
  const { id, kind, firstBlock, emails, firstKeys, fieldBlocks } = row
  const first = emails[0] ?? 0
  const offsets = new Uint8Array(Uint32Array.from(emails, email => email - first).buffer)
  const keys = new Uint8Array(Float64Array.from(firstKeys).buffer)
  database
    .prepare(insertSegmentRow)
    .run(
      id,
      kind,
      first,
      emails.at(-1) ?? 0,
      emails.length,
      firstBlock,
      firstKeys.length,
      fieldBlocks,
      offsets,
      packFacts(row.facts),
      keys,
    )
}

export function deleteSegment(database: Database, row: SegmentRow): void {
  database.prepare(deleteSegmentRow).run(row.id)
  deleteBlocks(database, row.firstBlock, endOfBlocks(row))
  database.prepare(deleteGoneRows).run(row.kind, row.firstEmail, row.lastEmail)
}

/** Behind the segment's last block */
export function endOfBlocks({ firstBlock, blocks, fieldBlocks }: SegmentRow): number {
  return firstBlock + blocks + fieldBlocks
}

/** From `from` up to and without `to` */
export function deleteBlocks(database: Database, from: number, to: number): void {
  database.prepare(deleteBlockRows).run(from, to)
}

export function insertBlock(database: Database, id: number, bytes: Uint8Array): void {
  database.prepare(insertBlockRow).run(id, crc32(bytes), bytes)
}

/** What no segment has of them is forgotten at once. */
export function markGone(database: Database, emails: Iterable<number>): void {
  const statements = [insertGoneRow, insertGoneDocument, deleteWaitingRow, deleteDocumentRow].map(sql =>
    database.prepare(sql),
  )
  for (const email of emails) for (const statement of statements) statement.run(email)
  database.prepare(countGone).run()
}

export function readGone(database: Database, { kind, firstEmail, lastEmail }: SegmentRow): ReadonlySet<number> {
  return new Set(
    (database.prepare(selectGone).all(kind, firstEmail, lastEmail) as { email: number }[]).map(row => row.email),
  )
}

/** The index is not what was written: it is thrown away, and letters are read until there is a new one. */
export class IndexDamage extends Error {
  override readonly name = 'IndexDamage'
}

export type LoadedSegment = Segment & {
  readonly row: SegmentRow
  /** By letter number: email id less the first one */
  readonly offsets: Uint32Array
}

/** Blocks are read from the database when they are asked for. */
export function loadSegment(database: Database, wordSeed: number, row: SegmentRow): LoadedSegment {
  const found = database.prepare(selectColumns).get(row.id) as
    | { readonly emails: Uint8Array; readonly facts: Uint8Array; readonly firstKeys: Uint8Array }
    | undefined
  const isWhole = found?.emails.length === row.letters * 4 && found.facts.length === row.letters * 12
  if (!isWhole || found.firstKeys.length !== row.blocks * 8)
    throw new IndexDamage('A segment is not as long as its row says')
  return {
    row,
    wordSeed,
    facts: unpackFacts(found.facts),
    letters: row.letters,
    offsets: new Uint32Array(ownBytes(found.emails).buffer),
    firstKeys: new Float64Array(ownBytes(found.firstKeys).buffer),
    block: index => readBlock(database, row.firstBlock + index),
    fields: index => readBlock(database, row.firstBlock + row.blocks + index),
  }
}

function readBlock(database: Database, id: number): Uint8Array {
  const row = database.prepare(selectBlock).get(id) as
    | { readonly checksum: number; readonly bytes: Uint8Array }
    | undefined
  if (!row || crc32(row.bytes) !== row.checksum) throw new IndexDamage(`Block ${id} is not what was written`)
  return row.bytes
}
