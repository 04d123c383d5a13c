/** The one writer of all junk.db. Gives way to whoever wants the processor. */
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { examine } from '#formats/content/examine.ts'
import { isCorruption } from '../account/failures.ts'
import { ReaderConnections } from '../account/reader-connections.ts'
import { readCounters } from '../account/tables/counters.ts'
import type { Database } from '../sqlite.ts'
import { serveEach } from '../serve-each.ts'
import type { ThreadCall } from '../thread.ts'
import { threadData } from '../thread-port.ts'
import { follow, type Pending } from './follow.ts'
import { isOfAccount, openJunkForWriting, removeJunkFile } from './junk-file.ts'
import { addressHash, keepBounds, recount } from './learn.ts'
import { learnThreadNice, openJunkFiles } from './limits.ts'
import type { JunkStatus, LearnOperations } from './operations.ts'
import * as tables from './tables.ts'
import { verdicts } from './verdict.ts'

const { folder, seed } = threadData as { readonly folder: string; readonly seed: number }
const accounts = new ReaderConnections(folder, { busyTimeoutMs: 5000 })
/** Least recently used first */
const files = new Map<string, Database>()
/** Looks at accounts that are not finished */
const looks = new Map<string, Pending>()

try {
  setPriority(0, learnThreadNice)
} catch {
  // A system that does not allow it: then learning competes
}

serveEach(operate, () => {
  for (const file of files.values()) file.close()
  accounts.close()
})

function operate({ operation, input }: ThreadCall): unknown {
  const { account } = input as { readonly account: string }
  switch (operation as keyof LearnOperations) {
    case 'advance':
      return advance(input as LearnOperations['advance']['input'])
    case 'train':
      return train(input as LearnOperations['train']['input'])
    case 'know':
      return know(input as LearnOperations['know']['input'])
    case 'knows':
      return knows(input as LearnOperations['knows']['input'])
    case 'status':
      return statusOf(account)
    case 'forget':
      forget(account)
      return {}
    case 'discard':
      discard(account)
      return {}
    case 'close':
      close(account)
      return {}
  }
}

function advance({
  account,
  careful = false,
}: LearnOperations['advance']['input']): LearnOperations['advance']['output'] {
  try {
    const database = accounts.of(account)
    const junk = fileOf(account)
    const state = tables.readState(junk)
    if (!state || isOfAccount(state, database, seed)) {
      const following = { account: database, folder: join(folder, account), junk, seed }
      const { step, pending } = follow(following, looks.get(account), { careful })
      if (pending) looks.set(account, pending)
      else looks.delete(account)
      return { ...step, reset: false }
    }
  } catch (error) {
    looks.delete(account)
    if (!isCorruption(error)) throw error
  }
  discard(account)
  return { more: true, behind: 1, reset: true, lessons: [] }
}

/** Everything that comes from outside the mailboxes needs a state to add to. */
function stateOf(account: string, junk: Database): tables.JunkState {
  const state = tables.readState(junk)
  if (state) return state
  const epoch = readCounters(accounts.of(account))?.epoch ?? 1
  return { epoch, followed: 0, seed, junk: 0, ham: 0, learnt: 0, trying: 0 }
}

function train({ account, junk: isJunk, bytes, hash, receivedAt }: LearnOperations['train']['input']): {
  learnt: boolean
} {
  const examination = examine(bytes, { receivedAt, shorteners: new Set(), seed })
  const junk = fileOf(account)
  return junk.write(() => {
    const from = tables.readFile(junk, hash) ?? verdicts.none
    const to = isJunk ? verdicts.junk : verdicts.ham
    if (from === to) return { learnt: false }
    const state = recount(junk, stateOf(account, junk), examination, { from, to })
    tables.writeFile(junk, hash, to)
    tables.writeState(junk, state)
    keepBounds(junk, state)
    return { learnt: true }
  })
}

function know({ account, address }: LearnOperations['know']['input']): object {
  const junk = fileOf(account)
  junk.write(() => {
    const state = stateOf(account, junk)
    tables.addCorrespondent(junk, addressHash(address, seed), state.learnt)
    tables.writeState(junk, state)
  })
  return {}
}

function knows({ account, address }: LearnOperations['knows']['input']): { known: boolean } {
  accounts.of(account)
  return { known: tables.isCorrespondent(fileOf(account), addressHash(address, seed)) }
}

function statusOf(account: string): JunkStatus {
  accounts.of(account)
  const junk = fileOf(account)
  const state = tables.readState(junk)
  return {
    junk: state?.junk ?? 0,
    ham: state?.ham ?? 0,
    tokens: tables.countOf(junk, 'token'),
    senders: tables.countOf(junk, 'sender'),
    correspondents: tables.countOf(junk, 'correspondent'),
  }
}

function forget(account: string): void {
  const counters = readCounters(accounts.of(account))
  if (!counters) return
  looks.delete(account)
  const junk = fileOf(account)
  const { epoch, modSeq } = counters
  junk.write(() => {
    tables.removeAll(junk)
    tables.writeState(junk, { epoch, followed: modSeq, seed, junk: 0, ham: 0, learnt: 0, trying: 0 })
  })
}

function fileOf(account: string): Database {
  let file = files.get(account)
  if (file) files.delete(account)
  else file = openJunkForWriting(join(folder, account))
  files.set(account, file)
  const [oldest] = files.keys()
  if (files.size > openJunkFiles && oldest !== undefined) close(oldest)
  return file
}

function close(account: string): void {
  files.get(account)?.close()
  files.delete(account)
  looks.delete(account)
  accounts.forget(account)
}

function discard(account: string): void {
  close(account)
  removeJunkFile(join(folder, account))
}
