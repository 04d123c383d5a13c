/**
 * A writer thread. All calls of a batch that concern one account share one transaction (group commit), each in a savepoint;
 * answers and change notices leave only after COMMIT, account by account.
 */
import { join } from 'node:path'
import type { Database } from '../sqlite.ts'
import type { ThreadCall } from '../thread.ts'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import type { AccountWriter } from './account-writer.ts'
import { AccountFailure, accountFailure, failureOf, isCorruption, isDiskFull } from './failures.ts'
import { checkpointPages, openPerWriter, recheckDamagedMs } from './limits.ts'
import { removeMessageFile, sweepOrphans } from './message-files.ts'
import { createAccount, openAccount } from './open-account.ts'
import type { AccountInput, WriterCall, WriterOperations } from './operations.ts'
import { writerOperations } from './writer-operations.ts'

/** `counts`: commits, then operations that were in them; all writers share it */
export type WriterData = { readonly folder: string; readonly bootMark: string; readonly counts: BigUint64Array }
const { folder, bootMark, counts } = threadData as WriterData

/** Least recently used first. */
const open = new Map<string, AccountWriter>()
/** Accounts whose last commit failed, with the connection that must not be used again. */
const suspect = new Map<string, { readonly database: Database; readonly check: boolean }>()
const swept = new Set<string>()
/** Accounts whose check failed, and when (monotonic milliseconds). */
const damaged = new Map<string, { readonly error: unknown; readonly at: number }>()

serveThread(runBatch, () => {
  for (const account of open.values()) account.database.close()
})

function runBatch(batch: Batch): void {
  for (const [id, calls] of Map.groupBy(batch.calls as readonly WriterCall[], call => call.input.account)) {
    runCalls(batch, id, calls)
    batch.flush()
    const account = open.get(id)
    if (account) checkpointWhenLarge(account)
  }
}

/** `create` and `close` stand outside of transactions: they end the group before them. */
function runCalls(batch: Batch, id: string, calls: readonly WriterCall[]): void {
  let group: WriterCall[] = []
  for (const call of calls) {
    if (call.operation !== 'create' && call.operation !== 'close') {
      group.push(call)
      continue
    }
    if (group.length > 0) runGroup(batch, id, group)
    group = []
    runAlone(batch, id, call)
  }
  if (group.length > 0) runGroup(batch, id, group)
}

function runAlone(batch: Batch, id: string, call: WriterCall): void {
  try {
    if (call.operation === 'close') closeAccount(id)
    else {
      const { names, nowMs } = call.input.input as WriterOperations['create']['input']
      createAccount(join(folder, id), id, names, nowMs)
    }
    batch.answer(call, {})
  } catch (error) {
    refuse(batch, call, error)
  }
}

type Outcome =
  | { readonly call: ThreadCall; readonly output: unknown }
  | { readonly call: ThreadCall; readonly error: unknown }

function runGroup(batch: Batch, id: string, calls: readonly WriterCall[]): void {
  let account: AccountWriter | undefined
  const outcomes: Outcome[] = []
  try {
    account = accountFor(id)
    const writer = account
    writer.database.exec('BEGIN IMMEDIATE')
    for (const call of calls) outcomes.push(runOne(writer, call))
    writer.database.exec('COMMIT')
    Atomics.add(counts, 0, 1n)
    Atomics.add(counts, 1, BigInt(calls.length))
  } catch (error) {
    if (account) giveUp(account, error)
    for (const call of calls) refuse(batch, call, account ? asCommitFailure(error) : error)
    return
  }
  const notice = account.takeNotice()
  if (notice) batch.notify(notice)
  for (const outcome of outcomes)
    if ('error' in outcome) refuse(batch, outcome.call, outcome.error)
    else batch.answer(outcome.call, outcome.output)
  for (const name of account.unneededFiles.splice(0)) removeMessageFile(account.folder, name)
}

function runOne(account: AccountWriter, call: WriterCall): Outcome {
  const operation = writerOperations[call.operation as keyof typeof writerOperations] as
    | ((account: AccountWriter, input: unknown) => unknown)
    | undefined
  if (!operation) return { call, error: new Error(`There is no operation ${call.operation}`) }
  try {
    return { call, output: account.operation(() => operation(account, (call.input as AccountInput<unknown>).input)) }
  } catch (error) {
    // SQLite may have rolled the whole transaction back (disk full, input/output error): then nothing of the group stands
    if (!account.database.inTransaction || isCorruption(error)) throw error
    return { call, error }
  }
}

function asCommitFailure(error: unknown): unknown {
  if (isDiskFull(error) || error instanceof AccountFailure) return error
  return accountFailure('COMMIT_FAILED', failureOf(error).message, error)
}

function refuse(batch: Batch, call: ThreadCall, error: unknown): void {
  const { message, code } = failureOf(error)
  batch.refuse(call, message, code)
}

function accountFor(id: string): AccountWriter {
  let account = open.get(id)
  if (account) open.delete(id)
  else {
    const failed = suspect.get(id)
    account = openChecked(id, failed?.check ?? false)
    // Closed only now, as not the last connection: closing the last one would write through its descriptors again
    failed?.database.close()
    suspect.delete(id)
    if (!swept.has(id)) {
      swept.add(id)
      sweepOrphans(account.database, account.folder, bootMark)
    }
  }
  open.set(id, account)
  if (open.size > openPerWriter) {
    const [oldest] = open.keys()
    if (oldest !== undefined) closeAccount(oldest)
  }
  return account
}

function openChecked(id: string, check: boolean): AccountWriter {
  const known = damaged.get(id)
  if (known && performance.now() - known.at < recheckDamagedMs) throw known.error
  damaged.delete(id)
  try {
    return openAccount(id, join(folder, id), check || known !== undefined)
  } catch (error) {
    if (error instanceof AccountFailure && error.code === 'DAMAGED') damaged.set(id, { error, at: performance.now() })
    throw error
  }
}

function closeAccount(id: string): void {
  const account = open.get(id)
  open.delete(id)
  account?.database.close()
  suspect.get(id)?.database.close()
  suspect.delete(id)
  damaged.delete(id)
}

/** Nothing of the group is on disk, and the connection is not to be trusted any more. */
function giveUp(account: AccountWriter, error: unknown): void {
  account.database.rollBack()
  account.changes.clear()
  open.delete(account.id)
  suspect.set(account.id, { database: account.database, check: !isDiskFull(error) })
}

/** Writes the WAL back when it has grown, after the callers have their answers. A reader in the way only delays it. */
function checkpointWhenLarge(account: AccountWriter): void {
  try {
    if (account.walPages >= checkpointPages) account.checkpoint()
  } catch {
    // A full or unreadable disk: the next commit will say so
  }
}
