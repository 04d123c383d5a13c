/**
 * Deliveries into several accounts at a time: their transactions stay open, one sync of the journal keeps them all. They are answered
 * then, and each account commits a little later (journal/deferred.ts).
 */
import type { Batch } from '../thread-port.ts'
import type { AccountWriter } from './account-writer.ts'
import type { DeferredCommits } from './journal/deferred.ts'
import type { OpenWriters } from './open-writers.ts'
import type { AccountInput, DeliverInput, DeliverOutput, WriterCall } from './operations.ts'
import { answerAll, asCommitFailure, type Outcome, refuse, runOne } from './writer-outcome.ts'

export type JournaledWay = {
  readonly writers: OpenWriters
  readonly deferred: DeferredCommits
  /** Something went wrong that no answer says */
  readonly failed: (about: string, error: unknown) => void
}

export function runJournaled(
  way: JournaledWay,
  batch: Batch,
  groups: readonly [string, readonly WriterCall[]][],
): void {
  const { deferred, writers } = way
  const kept: { account: string; input: DeliverInput }[] = []
  const answers: { readonly account: AccountWriter; readonly outcomes: readonly Outcome[] }[] = []
  for (const [id, calls] of groups) {
    let account: AccountWriter | undefined
    let outcomes: readonly Outcome[]
    try {
      account = writers.get(id)
      deferred.begin(account)
      const writer = account
      outcomes = calls.map(call => runOne(writer, call))
      answers.push({ account, outcomes })
    } catch (error) {
      if (account) abandon(way, account, error)
      for (const call of calls) refuse(batch, call, account ? asCommitFailure(error) : error)
      continue
    }
    // What failed is refused, and not to come back after a crash
    for (const { call, ...result } of outcomes)
      if (call.operation === 'deliver' && 'output' in result)
        kept.push({ account: id, input: (call.input as AccountInput<DeliverInput>).input })
  }
  const synced = keepAll(way, kept)
  for (const { account, outcomes } of answers)
    try {
      if (!synced) deferred.commitSynced(account)
      else if (outcomes.some(isNewMail)) batch.notify({ account: account.id, deferred: true })
      answerAll(batch, outcomes)
    } catch (error) {
      for (const { call } of outcomes) refuse(batch, call, asCommitFailure(error))
    }
}

function abandon({ deferred, writers }: JournaledWay, account: AccountWriter, error: unknown): void {
  deferred.forget(account.id)
  writers.giveUp(account, error)
}

function keepAll(
  { deferred, failed }: JournaledWay,
  deliveries: readonly { readonly account: string; readonly input: DeliverInput }[],
): boolean {
  try {
    deferred.keep(deliveries)
    return true
  } catch (error) {
    failed('journal', error)
    return false
  }
}

function isNewMail(outcome: Outcome): boolean {
  if ('error' in outcome || outcome.call.operation !== 'deliver') return false
  const output = outcome.output as DeliverOutput
  return output.status === 'stored' && !output.repeated
}
