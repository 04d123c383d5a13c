/**
 * A writer thread. All calls of a batch that concern one account share one transaction (group commit), each in a savepoint;
 * answers and change notices leave only after COMMIT, account by account.
 *
 * Deliveries for several accounts at a time go another way: one sync of the journal makes all of them durable, they are
 * answered, and each account commits a little later (journal/deferred.ts).
 */
import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import type { AccountWriter } from './account-writer.ts'
import { answeredFirst } from './answer-append.ts'
import { Checkpoints } from './checkpoints.ts'
import { failureOf } from './failures.ts'
import { DeferredCommits } from './journal/deferred.ts'
import { fitsRecord } from './journal/record.ts'
import { journalFolder, journalsIn, recoverJournals } from './journal/recovery.ts'
import { Destruction } from './destruction.ts'
import { deferredIdleMs, journalIdleMs, owedRetryMs } from './limits.ts'
import { removeMessageFile } from './message-files.ts'
import { createAccount } from './open-account.ts'
import { OpenWriters } from './open-writers.ts'
import type { DeliverInput, SettledNotice, WriterCall, WriterOperations } from './operations.ts'
import { type JournaledWay, runJournaled } from './writer-journaled.ts'
import { threadIndexOf } from './writer-of.ts'
import { refuse } from './writer-outcome.ts'
import { runSynced, type SyncedWay } from './writer-synced.ts'

export type WriterData = {
  readonly folder: string
  readonly bootMark: string
  /** Commits, then operations that were in them; all writers share it */
  readonly counts: BigUint64Array
  /** Which of how many this is */
  readonly index: number
  readonly threads: number
}
const { folder, bootMark, counts, index, threads } = threadData as WriterData

/** Where notices go: to the batch in hand, or to one made for what happens between batches. */
let current: Batch | undefined
const ownMark = `${bootMark}-${index}-`

const writers: OpenWriters = new OpenWriters({
  folder,
  bootMark,
  maySweep: () => allRead,
  onOpen(account) {
    deferred.restore(account)
    destruction.look(account)
  },
  onClose(account) {
    try {
      deferred.sync(account)
    } catch (error) {
      trouble(account.id, error)
    }
  },
})
const checkpoints = new Checkpoints({
  flush: () => current?.flush(),
  isOpen: account => writers.isOpen(account),
})
const deferred = new DeferredCommits({
  path: join(folder, journalFolder, `${ownMark}${randomBytes(4).toString('hex')}`),
  writers,
  committed(account, operations) {
    announce(account, operations)
    checkpoints.afterCommit(account)
  },
  failed: trouble,
})
const destruction: Destruction = new Destruction({
  writers,
  deferred,
  between,
  committed(account) {
    announce(account, 0)
    checkpoints.afterCommit(account)
  },
  failed: trouble,
})

const ways: SyncedWay & JournaledWay = { writers, deferred, checkpoints, announce, failed: trouble }

let lastBatch = -Infinity
let idleTimer: NodeJS.Timeout | undefined
let settleTimer: NodeJS.Timeout | undefined
/** What a crash has left, and whether all of it could be read */
let journals: readonly string[] = []
let allRead = true

const port = serveThread(runBatch, () => {
  clearTimeout(idleTimer)
  clearTimeout(settleTimer)
  destruction.stop()
  checkpoints.stop()
  deferred.close()
  writers.closeAll()
})
start()

/** Before the first call is looked at. */
function start(): void {
  journals = journalsIn(folder)
  between(() => {
    recoverJournals({
      journals,
      writers,
      deferred,
      isMine: account => threadIndexOf(account, threads) === index,
      unreadable(path, error) {
        allRead = false
        trouble(path, error)
      },
      failed: trouble,
    })
  })
  removePredecessors()
  if (deferred.hasUnsynced) planSettling(owedRetryMs)
}

/** Nothing that a crash has left is needed by this thread any more. */
function isRecovered(): boolean {
  return allRead && !deferred.needs(journals)
}

/** Journals of predecessors in this place that have ended; those of earlier boots are removed once no thread needs them. */
function removePredecessors(): void {
  if (!isRecovered()) return
  for (const path of journals) if (basename(path).startsWith(ownMark)) rmSync(path, { force: true })
  journals = []
}

function runBatch(batch: Batch): void {
  current = batch
  const groups = Map.groupBy(batch.calls as readonly WriterCall[], call => call.input.account)
  let deliveringTo = 0
  for (const calls of groups.values()) if (calls.every(isDeferrable)) deliveringTo++
  const byJournal: [string, readonly WriterCall[]][] = []
  for (const [id, calls] of groups)
    if (calls.every(isDeferrable) && deferred.wants(id, deliveringTo)) byJournal.push([id, calls])
    else {
      if (!answeredFirst({ batch, writers, deferred, failed: trouble }, id, calls)) runCalls(batch, id, calls)
      batch.flush()
    }
  if (byJournal.length > 0) runJournaled(ways, batch, byJournal)
  batch.flush()
  deferred.commitDue(false)
  current = undefined
  lastBatch = performance.now()
  planCommits()
}

/** `confirm` may be lost with the power, as those that still wait in memory are. */
function isDeferrable({ input, operation }: WriterCall): boolean {
  if (operation === 'deliver') return fitsRecord(input.input as DeliverInput)
  return operation === 'confirm'
}

/** Commits wait for more to come, but not when nothing comes. */
function planCommits(): void {
  if (deferred.hasOpen) idleTimer ??= setTimeout(whenIdle, deferredIdleMs)
  if (deferred.hasUnsynced) planSettling(journalIdleMs)
}

function whenIdle(): void {
  idleTimer = undefined
  between(() => deferred.commitDue(performance.now() - lastBatch >= deferredIdleMs / 2))
  planCommits()
}

function planSettling(afterMs: number): void {
  settleTimer ??= setTimeout(() => {
    settleTimer = undefined
    between(() => deferred.settle(journalIdleMs))
    removePredecessors()
    if (deferred.hasUnsynced) planSettling(performance.now() - lastBatch < owedRetryMs ? journalIdleMs : owedRetryMs)
  }, afterMs)
}

/** What happens between batches is told in a batch of its own. */
function between(act: () => void): void {
  port.speak(batch => {
    current = batch
    act()
    current = undefined
  })
}

/** These stand outside of transactions: they end the group before them. */
const alone: ReadonlySet<string> = new Set(['create', 'close', 'settle', 'ready'])

function runCalls(batch: Batch, id: string, calls: readonly WriterCall[]): void {
  let group: WriterCall[] = []
  for (const call of calls) {
    if (!alone.has(call.operation)) {
      group.push(call)
      continue
    }
    if (group.length > 0) runSynced(ways, batch, id, group)
    group = []
    runAlone(batch, id, call)
  }
  if (group.length > 0) runSynced(ways, batch, id, group)
}

function runAlone(batch: Batch, id: string, call: WriterCall): void {
  try {
    switch (call.operation as 'create' | 'close' | 'settle' | 'ready') {
      case 'ready':
        batch.answer(call, { recovered: isRecovered() } satisfies WriterOperations['ready']['output'])
        return
      case 'settle':
        deferred.commit(id)
        // After a failed commit, or in the place of a thread that has ended
        if (deferred.owes(id)) writers.get(id)
        batch.notify({ account: id, settled: true } satisfies SettledNotice)
        break
      case 'close':
        deferred.drop(id)
        writers.close(id)
        destruction.forget(id)
        break
      case 'create': {
        const { names, nowMs } = call.input.input as WriterOperations['create']['input']
        createAccount(join(folder, id), id, names, nowMs)
      }
    }
    batch.answer(call, {})
  } catch (error) {
    refuse(batch, call, error)
  }
}

/** After a commit: what it changed is told, files that no row names any more go, and doomed emails soon. */
function announce(account: AccountWriter, operations: number): void {
  Atomics.add(counts, 0, 1n)
  Atomics.add(counts, 1, BigInt(operations))
  const notice = account.takeNotice()
  if (notice) current?.notify(notice)
  for (const name of account.unneededFiles.splice(0)) removeMessageFile(account.folder, name)
  destruction.look(account)
}

/** Nobody waits for an answer that could say it. */
function trouble(about: string, error: unknown): void {
  current?.notify({ account: about, trouble: failureOf(error).message })
}
