/** In the writer thread: one APPEND of many messages is answered first, and placed right behind its answer (append-later.ts). */
import type { Batch } from '../thread-port.ts'
import type { AccountWriter } from './account-writer.ts'
import { foreseeAppend, type ForeseenAppend } from './append-later.ts'
import type { DeferredCommits } from './journal/deferred.ts'
import type { OpenWriters } from './open-writers.ts'
import type { AccountInput, AppendInput, WriterCall } from './operations.ts'

export type Answering = {
  readonly batch: Batch
  readonly writers: OpenWriters
  readonly deferred: DeferredCommits
  /** Something went wrong that no answer says */
  readonly failed: (about: string, error: unknown) => void
}

/** False: nothing has been done, or said. */
export function answeredFirst(answering: Answering, id: string, calls: readonly WriterCall[]): boolean {
  const { batch, deferred, failed, writers } = answering
  const [call] = calls
  if (calls.length !== 1 || call?.operation !== 'append' || deferred.isFull) return false
  const { by } = call.input as AccountInput<AppendInput>
  const begun = foreseen(answering, id, call)
  if (!begun || !keep(answering, begun)) return false
  const { account, placed, kept } = begun
  batch.notify({ account: id, deferred: true })
  batch.answer(call, { placed })
  batch.flush()
  try {
    deferred.place(account, kept, by)
  } catch (error) {
    // its next opening brings them out of the journal
    deferred.forget(id)
    writers.giveUp(account, error)
    failed(id, error)
  }
  return true
}

function foreseen({ writers, deferred }: Answering, id: string, call: WriterCall) {
  try {
    const account = writers.get(id)
    deferred.commit(id)
    const found = foreseeAppend(account, (call.input as AccountInput<AppendInput>).input)
    return found && { account, ...found }
  } catch {
    // the ordinary way finds it too, and says it
    return undefined
  }
}

function keep(
  { deferred, failed }: Answering,
  { account, kept }: ForeseenAppend & { account: AccountWriter },
): boolean {
  try {
    deferred.keepAppend(account, kept)
    return true
  } catch (error) {
    failed('journal', error)
    return false
  }
}
