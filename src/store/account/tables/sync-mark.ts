import type { Database } from '../../sqlite.ts'

const update = `UPDATE sync_mark SET count = count + 1`

/** Makes the transaction one that changes something. */
export function touchSyncMark(database: Database): void {
  database.prepare(update).run()
}
