/** The calls of a batch that concern one account, in one transaction: answered when it is committed and synced (group commit). */
import type { Batch } from '../thread-port.ts'
import type { AccountWriter } from './account-writer.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { DeferredCommits } from './journal/deferred.ts'
import type { OpenWriters } from './open-writers.ts'
import type { WriterCall } from './operations.ts'
import { answerAll, asCommitFailure, type Outcome, refuse, runOne } from './writer-outcome.ts'

export type SyncedWay = {
  readonly writers: OpenWriters
  readonly deferred: DeferredCommits
  readonly checkpoints: Checkpoints
  /** After a commit of so many operations */
  readonly announce: (account: AccountWriter, operations: number) => void
}

/** Commits what waits for the account from before, too. */
export function runSynced(
  { announce, checkpoints, deferred, writers }: SyncedWay,
  batch: Batch,
  id: string,
  calls: readonly WriterCall[],
): void {
  let account: AccountWriter | undefined
  const outcomes: Outcome[] = []
  try {
    account = writers.get(id)
    deferred.commit(id)
    const { database } = account
    database.durability = 'FULL'
    database.exec('BEGIN IMMEDIATE')
    for (const call of calls) outcomes.push(runOne(account, call))
    database.exec('COMMIT')
  } catch (error) {
    if (account) writers.giveUp(account, error)
    for (const call of calls) refuse(batch, call, account ? asCommitFailure(error) : error)
    return
  }
  announce(account, calls.length)
  answerAll(batch, outcomes)
  checkpoints.afterCommit(account)
}
