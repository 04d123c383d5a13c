/** What became of each call of a batch: told when its transaction is on disk, or refused. */
import type { ThreadCall } from '../thread.ts'
import type { Batch } from '../thread-port.ts'
import type { AccountWriter } from './account-writer.ts'
import { AccountFailure, accountFailure, failureOf, isCorruption, isDiskFull } from './failures.ts'
import type { AccountInput, WriterCall } from './operations.ts'
import { writerOperations } from './writer-operations.ts'

export type Outcome =
  | { readonly call: ThreadCall; readonly output: unknown }
  | { readonly call: ThreadCall; readonly error: unknown }

/** In a savepoint of the transaction that is open */
export function runOne(account: AccountWriter, call: WriterCall): Outcome {
  const operation = writerOperations[call.operation as keyof typeof writerOperations] as
    | ((account: AccountWriter, input: unknown) => unknown)
    | undefined
  if (!operation) return { call, error: new Error(`There is no operation ${call.operation}`) }
  try {
    const { input, by } = call.input as AccountInput<unknown>
    return { call, output: account.operation(() => operation(account, input), by) }
  } catch (error) {
    // SQLite may have rolled the whole transaction back (disk full, input/output error): then nothing of the group stands
    if (!account.database.inTransaction || isCorruption(error)) throw error
    return { call, error }
  }
}

export function answerAll(batch: Batch, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes)
    if ('error' in outcome) refuse(batch, outcome.call, outcome.error)
    else batch.answer(outcome.call, outcome.output)
}

export function asCommitFailure(error: unknown): unknown {
  if (isDiskFull(error) || error instanceof AccountFailure) return error
  return accountFailure('COMMIT_FAILED', failureOf(error).message, error)
}

export function refuse(batch: Batch, call: ThreadCall, error: unknown): void {
  const { message, code } = failureOf(error)
  batch.refuse(call, message, code)
}
