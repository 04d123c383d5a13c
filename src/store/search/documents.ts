/**
 * The text of attached documents (PDF, office files): read once, by a thread of its own (document-reader.ts), kept here and indexed in segments of
 * their own. Letters are indexed without waiting for them.
 */
import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib'
import { readDocuments } from '#formats/documents/document-parts.ts'
import { parseStructure } from '#formats/message/structure.ts'
import { fold } from '#formats/search/fold.ts'
import type { GramCollector } from '#formats/search/gram-collector.ts'
import { zones } from '#formats/search/grams.ts'
import { maxLetterFinds } from '#formats/search/limits.ts'
import type { Database } from '../sqlite.ts'
import { CollectedLetters } from './collected-letters.ts'
import { readLetterRow, withLetter } from './letters.ts'
import { batchDocuments, documentCompressionLevel } from './limits.ts'
import { readState, segmentKinds, writeState } from './tables.ts'
import { writeCollected } from './write-segment.ts'

export type WaitingDocuments = { readonly email: number; readonly documents: readonly Uint8Array[] }

const insertWaitingRow = `INSERT OR IGNORE INTO waiting VALUES (?)`
const deleteWaitingRow = `DELETE FROM waiting WHERE email = ?`
const selectFirstWaiting = `SELECT min(email) AS email FROM waiting`
const countWaiting = `SELECT count(*) AS count FROM waiting`
const insertDocument = `INSERT OR REPLACE INTO document VALUES (?, 0, ?)`
const selectText = `SELECT text FROM document WHERE email = ?`
const selectNotIndexed = `SELECT email, text FROM document WHERE indexed = 0 ORDER BY email LIMIT ?`
const selectNotIndexedEmails = `SELECT email FROM document WHERE indexed <> 1`
const markIndexed = `UPDATE document SET indexed = ? WHERE email = ?`

/** Inside a transaction */
export function insertWaiting(index: Database, emails: readonly number[]): void {
  const statement = index.prepare(insertWaitingRow)
  for (const email of emails) statement.run(email)
}

export function waitingCount(index: Database): number {
  return (index.prepare(countWaiting).get() as { readonly count: number }).count
}

/** The documents of the first letter that waits; undefined when none does. */
export function nextDocuments(account: Database, accountFolder: string, index: Database): WaitingDocuments | undefined {
  for (;;) {
    const { email } = index.prepare(selectFirstWaiting).get() as { readonly email: number | null }
    if (email === null) return undefined
    const row = readLetterRow(account, email)
    const documents =
      row && withLetter(account, accountFolder, row, ({ reader }) => readDocuments(reader, parseStructure(reader).root))
    if (documents && documents.length > 0) return { email, documents }
    index.write(() => index.prepare(deleteWaitingRow).run(email))
  }
}

/** `text`: of all its documents */
export function keepDocuments(index: Database, email: number, text: string): void {
  index.write(() => {
    const isThere = index.prepare(deleteWaitingRow).run(email).changes > 0
    if (!isThere || text === '') return
    const params = { [constants.ZSTD_c_compressionLevel]: documentCompressionLevel }
    index.prepare(insertDocument).run(email, zstdCompressSync(text, { params }))
  })
}

/** What has been read and is in no segment yet becomes one: when it is much, or when nothing more is to come. Whether there was any. */
export function indexDocuments(index: Database, collector: GramCollector): boolean {
  const state = readState(index)
  const isMore = waitingCount(index) > 0
  const rows = index.prepare(selectNotIndexed).all(batchDocuments) as {
    readonly email: number
    readonly text: Uint8Array
  }[]
  if (!state || rows.length === 0 || (isMore && rows.length < batchDocuments)) return false
  collector.reset(state.wordSeed)
  const letters = new CollectedLetters()
  const noise: number[] = []
  for (const { email, text } of rows) {
    collector.add(zones.body, [fold(unpacked(text))])
    if (collector.letterFinds > maxLetterFinds) {
      // in no segment: searches read it
      collector.abandonLetter()
      noise.push(email)
      continue
    }
    collector.endLetter()
    letters.add(email, {}, { size: 0, arrived: 0, sent: undefined })
  }
  index.write(() => {
    writeState(index, writeCollected(index, state, collector, letters, segmentKinds.documents))
    for (const email of letters.emails) index.prepare(markIndexed).run(1, email)
    for (const email of noise) index.prepare(markIndexed).run(2, email)
  })
  return true
}

/** Emails whose documents have been read and are in no segment */
export function notIndexedDocuments(index: Database): readonly number[] {
  return (index.prepare(selectNotIndexedEmails).all() as { readonly email: number }[]).map(({ email }) => email)
}

/** Folded; as far as they have been read. */
export function documentTexts(index: Database, email: number): readonly string[] {
  const row = index.prepare(selectText).get(email) as { readonly text: Uint8Array } | undefined
  return row ? [fold(unpacked(row.text))] : []
}

function unpacked(text: Uint8Array): string {
  return zstdDecompressSync(text).toString()
}
