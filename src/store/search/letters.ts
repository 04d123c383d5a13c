/** Letters of an account as the index reads them. */
import { join } from 'node:path'
import { type ByteReader, readerOf } from '#formats/message/byte-reader.ts'
import type { Letter } from '#formats/search/letter-texts.ts'
import { withFileReader } from '../account/message-files.ts'
import { readBodies, readBody } from '../account/tables/body.ts'
import { notDoomed } from '../account/tables/doomed.ts'
import type { Database } from '../sqlite.ts'
import { bodiesPerRead } from './limits.ts'

export type LetterRow = {
  readonly id: number
  readonly sizeBytes: number
  readonly headerBytes: number
  readonly checksum: number
  readonly parsed: number
  readonly file: string | null
  readonly internalDate: number
  /** Its beginning: the date */
  readonly envelope: Uint8Array
}

const columns = `id, size_bytes AS sizeBytes, header_bytes AS headerBytes, checksum, parsed, file,
  internal_date AS internalDate, substr(envelope, 1, 210) AS envelope`
const selectOne = `SELECT ${columns} FROM email WHERE id = ? AND ${notDoomed}`
const selectAfter = `SELECT ${columns} FROM email WHERE id > ? AND ${notDoomed} ORDER BY id LIMIT ?`
const selectIds = `SELECT id FROM email WHERE id BETWEEN ? AND ? AND ${notDoomed}`
const selectRemoved = `SELECT email FROM tombstone WHERE mod_seq > ? AND last = 1`

export function readLetterRow(database: Database, id: number): LetterRow | undefined {
  return database.prepare(selectOne).get(id) as LetterRow | undefined
}

export function readLetterRowsAfter(database: Database, id: number, limit: number): readonly LetterRow[] {
  return database.prepare(selectAfter).all(id, limit) as LetterRow[]
}

export function readEmailIds(database: Database, first: number, last: number): ReadonlySet<number> {
  return new Set((database.prepare(selectIds).all(first, last) as { id: number }[]).map(row => row.id))
}

/** Emails that went with their last placement after this modseq. */
export function readRemovedSince(database: Database, modSeq: number): readonly number[] {
  return (database.prepare(selectRemoved).all(modSeq) as { email: number }[]).map(row => row.email)
}

/** The octets of letters that are in the database, asked for in the order of the rows: several are read at a time. Undefined when the letter is gone. */
export function bodiesOf(database: Database, rows: readonly LetterRow[]): (row: LetterRow) => Uint8Array | undefined {
  const ids = rows.filter(({ file }) => file === null).map(({ id }) => id)
  let bodies: ReadonlyMap<number, Uint8Array> = new Map()
  let read = 0
  return ({ id }) => {
    while (read < ids.length && (ids[read] ?? Infinity) <= id) {
      const piece = ids.slice(read, read + bodiesPerRead)
      bodies = readBodies(database, piece[0] ?? id, piece.at(-1) ?? id)
      read += piece.length
    }
    return bodies.get(id)
  }
}

/** `bodyOf`: of a letter that is in the database. Undefined when the letter is gone by now. */
export function withLetter<Result>(
  database: Database,
  folder: string,
  row: LetterRow,
  use: (letter: Letter) => Result,
  bodyOf = ({ id }: LetterRow) => readBody(database, id),
): Result | undefined {
  const letter = (reader: ByteReader): Letter => ({
    reader,
    headerBytes: row.headerBytes,
    parsed: row.parsed === 1,
  })
  if (row.file === null) {
    const bytes = bodyOf(row)
    return bytes && use(letter(readerOf(bytes)))
  }
  try {
    return withFileReader(join(folder, 'messages', row.file), row.sizeBytes, reader => use(letter(reader)))
  } catch (error) {
    // removed after its row was read
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
