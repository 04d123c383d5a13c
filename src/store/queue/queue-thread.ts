/**
 * The one writer of a queue's database. What arrives while a commit runs shares the next one (group commit), each item in a
 * savepoint of its own. When a group fails, every caller in it is refused, the database is closed, and it is used again only
 * after it was reopened and checked: no fsync is ever repeated on a descriptor that failed once.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Transferable } from 'node:worker_threads'
import { Database, migrate } from '../sqlite.ts'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import type { ThreadCall } from '../thread.ts'
import {
  type AddInput,
  type ConfirmInput,
  type DoubtfulAdd,
  doubtfulAdd,
  type PageInput,
  type QueueThreadData,
  type RecordInput,
  type TakenEntry,
  type ToldInput,
} from './operations.ts'
import * as statements from './statements.ts'

const migrations = fileURLToPath(new URL('./migrations', import.meta.url))
/** SQLite's result codes (the low octet of errcode) */
const sqliteFull = 13
const sqliteConstraint = 19
const data = threadData as QueueThreadData

let doubtful: DoubtfulAdd[] = [...(data.doubtful ?? [])]
let database: Database | undefined = openChecked()
if (!data.doubtful) sweepSpool(database)

function openChecked(): Database {
  const opened = new Database(data.file, { durability: 'FULL', busyTimeoutMs: 1000, cacheKiB: 4096 })
  try {
    migrate(opened, migrations)
    if (doubtful.length > 0) opened.write(() => doubtful.forEach(add => statements.forgetEntry(opened, add)))
    removeSpoolFiles(doubtful.flatMap(add => add.spool ?? []))
    doubtful = []
    return opened
  } catch (error) {
    opened.close()
    throw error
  }
}

/** After a failure the file must prove itself before anything is built on it. */
function reopen(): Database {
  const opened = openChecked()
  const [verdict] = opened.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[]
  if (verdict?.quick_check === 'ok') return opened
  opened.close()
  throw new Error(`The queue's database is damaged: ${verdict?.quick_check}`)
}

function sweepSpool(opened: Database): void {
  const named = statements.spoolNames(opened)
  removeSpoolFiles(readdirSync(data.spoolFolder).filter(name => name.endsWith('.msg') && !named.has(name)))
}

function removeSpoolFiles(names: readonly string[]): void {
  for (const name of names) rmSync(join(data.spoolFolder, name), { force: true })
}

type Outcome = { readonly call: ThreadCall; readonly output: unknown; readonly transfer: readonly Transferable[] }
type Refused = { readonly call: ThreadCall; readonly error: unknown }

function runBatch(batch: Batch): void {
  const unlink: string[] = []
  const outcomes: (Outcome | Refused)[] = []
  let committing = false
  try {
    database ??= reopen()
    const opened = database
    opened.write(() => {
      for (const call of batch.calls) outcomes.push(runItem(opened, call, unlink))
      committing = true
    })
  } catch (error) {
    failGroup(batch, error, committing)
    return
  }
  removeSpoolFiles(unlink)
  for (const outcome of outcomes)
    if ('error' in outcome) batch.refuse(outcome.call, String(outcome.error), 'FAILED')
    else batch.answer(outcome.call, outcome.output, outcome.transfer)
}

/** A broken constraint or a wrong input sinks one item; whatever is wrong with the disk sinks the group. */
function runItem(opened: Database, call: ThreadCall, unlink: string[]): Outcome | Refused {
  const unlinkedBefore = unlink.length
  try {
    const output = opened.savepoint(() => operate(opened, call, unlink))
    return { call, output, transfer: call.operation === 'take' ? transferOf(output as TakenEntry | undefined) : [] }
  } catch (error) {
    const code = sqliteCode(error)
    if (code !== undefined && code !== sqliteConstraint) throw error
    unlink.length = unlinkedBefore
    return { call, error }
  }
}

function failGroup(batch: Batch, error: unknown, committing: boolean): void {
  const full = sqliteCode(error) === sqliteFull
  // A full disk seen before the COMMIT was rolled back cleanly; anything else leaves the descriptor in doubt.
  if (!full || committing) {
    closeDoubtful()
  }
  for (const call of batch.calls) if (call.operation === 'add') doubtful.push(doubtfulAdd(call.input as AddInput))
  // Rolled back cleanly: only spool files are left over. Else the reopening decides.
  if (database) {
    removeSpoolFiles(doubtful.flatMap(add => add.spool ?? []))
    doubtful = []
  }
  for (const call of batch.calls) batch.refuse(call, String(error), full ? 'DISK_FULL' : 'UNAVAILABLE')
}

function closeDoubtful(): void {
  try {
    database?.close()
  } catch {
    // Nothing more can be done for it; reopening decides.
  }
  database = undefined
}

function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

function transferOf(taken: TakenEntry | undefined): readonly Transferable[] {
  return taken && 'bytes' in taken.body ? [taken.body.bytes.buffer as ArrayBuffer] : []
}

function operate(opened: Database, call: ThreadCall, unlink: string[]): unknown {
  const { operation, input } = call
  switch (operation) {
    case 'add':
      return statements.addEntry(opened, input as AddInput)
    case 'take':
      return statements.takeEntry(opened, input as number)
    case 'record':
      return statements.recordResults(opened, input as RecordInput, unlink)
    case 'told':
      return statements.recordTold(opened, input as ToldInput, unlink)
    case 'copied':
      return statements.recordCopied(opened, input as { number: number; now: number }, unlink)
    case 'confirm':
      return statements.confirmEntries(opened, input as readonly ConfirmInput[])
    case 'hold':
      return statements.holdEntry(opened, input as { number: number; held: boolean })
    case 'via':
      return statements.setVia(opened, input as { number: number; via: string | null })
    case 'remove':
      return statements.removeEntry(opened, input as { number: number; now: number }, unlink)
    case 'page':
      return statements.pageOfEntries(opened, input as PageInput)
    case 'show':
      return statements.entryById(opened, input as string)
    case 'showNumber':
      return statements.entryByNumber(opened, input as number)
    case 'end':
      return statements.endOf(opened, input as string)
    case 'forgetEnds':
      return statements.forgetEnds(opened, input as readonly string[])
    case 'unconfirmed':
      return statements.finishedUnconfirmed(opened, input as { since: number; limit: number })
    case 'sweep':
      return statements.sweepFinished(opened, input as number)
    default:
      throw new Error(`Unknown operation ${operation}`)
  }
}

serveThread(runBatch, () => database?.close())
