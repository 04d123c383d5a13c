/** The rows of junk.db. */
import type { Database } from '../sqlite.ts'
import type { JunkKeyword, LearntVerdict } from './verdict.ts'

export type JunkState = {
  readonly epoch: number
  readonly followed: number
  readonly seed: number
  readonly junk: number
  readonly ham: number
  readonly learnt: number
  readonly trying: number
}

export type CountRow = { readonly junk: number; readonly ham: number }
export type CountTable = 'token' | 'sender'

const selectState = `SELECT epoch, followed, seed, junk, ham, learnt, trying FROM state`
const replaceState = `REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?, ?, ?)`
const addCounts = {
  token: `INSERT INTO token VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET junk = junk + ?2, ham = ham + ?3, seen = ?4`,
  sender: `INSERT INTO sender VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET junk = junk + ?2, ham = ham + ?3, seen = ?4`,
}
const takeCounts = {
  token: `UPDATE token SET junk = max(0, junk - ?2), ham = max(0, ham - ?3) WHERE hash = ?1`,
  sender: `UPDATE sender SET junk = max(0, junk - ?2), ham = max(0, ham - ?3) WHERE hash = ?1`,
}
const selectCounts = {
  token: `SELECT hash, junk, ham FROM token WHERE hash IN (SELECT value FROM json_each(?))`,
  sender: `SELECT hash, junk, ham FROM sender WHERE hash IN (SELECT value FROM json_each(?))`,
}
const countRows = {
  token: `SELECT count(*) AS count FROM token`,
  sender: `SELECT count(*) AS count FROM sender`,
  correspondent: `SELECT count(*) AS count FROM correspondent`,
}
const dropRows = {
  token: `DELETE FROM token WHERE hash IN (SELECT hash FROM token ORDER BY junk + ham > 1, seen LIMIT ?)`,
  sender: `DELETE FROM sender WHERE hash IN (SELECT hash FROM sender ORDER BY junk + ham > 1, seen LIMIT ?)`,
  correspondent: `DELETE FROM correspondent WHERE hash IN (SELECT hash FROM correspondent ORDER BY seen LIMIT ?)`,
}
const halve = `UPDATE token SET junk = junk / 2, ham = ham / 2;
  DELETE FROM token WHERE junk = 0 AND ham = 0;
  UPDATE state SET junk = junk / 2, ham = ham / 2`
const insertCorrespondent = `INSERT INTO correspondent VALUES (?1, ?2) ON CONFLICT DO UPDATE SET seen = ?2`
const selectCorrespondent = `SELECT 1 FROM correspondent WHERE hash = ?`
const selectEmail = `SELECT verdict, keyword FROM email WHERE id = ?`
const replaceEmail = `REPLACE INTO email VALUES (?, ?, ?)`
const deleteEmail = `DELETE FROM email WHERE id = ?`
const selectFile = `SELECT verdict FROM file WHERE hash = ?`
const replaceFile = `REPLACE INTO file VALUES (?, ?)`
const forgetAll = `DELETE FROM token; DELETE FROM sender; DELETE FROM correspondent; DELETE FROM email; DELETE FROM file`

export function readState(database: Database): JunkState | undefined {
  return database.prepare(selectState).get() as JunkState | undefined
}

export function writeState(database: Database, state: JunkState): void {
  const { epoch, followed, seed, junk, ham, learnt, trying } = state
  database.prepare(replaceState).run(epoch, followed, seed, junk, ham, learnt, trying)
}

/** `sign` 1 adds one to each of these, -1 takes it back. `seen`: state.learnt */
export function changeCounts(
  database: Database,
  table: CountTable,
  hashes: readonly number[],
  change: CountRow & { readonly sign: 1 | -1; readonly seen: number },
): void {
  const { junk, ham, sign, seen } = change
  if (sign > 0) {
    const statement = database.prepare(addCounts[table])
    for (const hash of hashes) statement.run(hash, junk, ham, seen)
  } else {
    const statement = database.prepare(takeCounts[table])
    for (const hash of hashes) statement.run(hash, junk, ham)
  }
}

/** Those that are known */
export function readCounts(database: Database, table: CountTable, hashes: readonly number[]): Map<number, CountRow> {
  const rows = database.prepare(selectCounts[table]).all(JSON.stringify(hashes)) as ({ hash: number } & CountRow)[]
  return new Map(rows.map(({ hash, junk, ham }) => [hash, { junk, ham }]))
}

export function countOf(database: Database, table: CountTable | 'correspondent'): number {
  return (database.prepare(countRows[table]).get() as { count: number }).count
}

/** The rarest and oldest make way. */
export function trim(database: Database, table: CountTable | 'correspondent', limit: number): void {
  const count = countOf(database, table)
  if (count > limit) database.prepare(dropRows[table]).run(count - limit + (limit >> 3))
}

/** All counts by half: writes the state too. */
export function age(database: Database): void {
  database.exec(halve)
}

export function addCorrespondent(database: Database, hash: number, seen: number): void {
  database.prepare(insertCorrespondent).run(hash, seen)
}

export function isCorrespondent(database: Database, hash: number): boolean {
  return database.prepare(selectCorrespondent).get(hash) !== undefined
}

export type LookedEmail = { readonly verdict: LearntVerdict; readonly keyword: JunkKeyword }

export function readEmail(database: Database, id: number): LookedEmail | undefined {
  return database.prepare(selectEmail).get(id) as LookedEmail | undefined
}

export function writeEmail(database: Database, id: number, { verdict, keyword }: LookedEmail): void {
  database.prepare(replaceEmail).run(id, verdict, keyword)
}

export function removeEmail(database: Database, id: number): void {
  database.prepare(deleteEmail).run(id)
}

export function readFile(database: Database, hash: Uint8Array): LearntVerdict | undefined {
  return (database.prepare(selectFile).get(hash) as { verdict: LearntVerdict } | undefined)?.verdict
}

export function writeFile(database: Database, hash: Uint8Array, verdict: LearntVerdict): void {
  database.prepare(replaceFile).run(hash, verdict)
}

export function removeAll(database: Database): void {
  database.exec(forgetAll)
}
