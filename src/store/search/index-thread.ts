/** The one writer of all search indexes. Gives way to whoever wants the processor: on Linux a priority belongs to a thread. */
import { getPriority, setPriority } from 'node:os'
import { join } from 'node:path'
import { ReaderConnections } from '../account/reader-connections.ts'
import type { Database } from '../sqlite.ts'
import { serveEach } from '../serve-each.ts'
import type { ThreadCall } from '../thread.ts'
import { threadData } from '../thread-port.ts'
import { advance, collector } from './advance.ts'
import { indexDocuments, keepDocuments, nextDocuments, waitingCount } from './documents.ts'
import { isDamage, openIndexForWriting, removeIndex } from './index-file.ts'
import { indexThreadNice, mergeSegmentsFrom, openWrittenIndexes } from './limits.ts'
import type { AdvanceOutput, IndexOperations } from './operations.ts'
import { mergeNext } from './write-segment.ts'

const { folder } = threadData as { readonly folder: string }
const accounts = new ReaderConnections(folder, { busyTimeoutMs: 5000 })
/** Least recently used first */
const indexes = new Map<string, Database>()

try {
  setPriority(0, Math.min(19, getPriority(0) + indexThreadNice))
} catch {
  // A system that does not allow it: then indexing competes
}

serveEach(operate, () => {
  for (const index of indexes.values()) index.close()
  accounts.close()
})

function operate({ operation, input }: ThreadCall): unknown {
  const { account } = input as { readonly account: string }
  switch (operation as keyof IndexOperations) {
    case 'advance':
      return step(input as IndexOperations['advance']['input'])
    case 'nextDocuments':
      return documentsOf(account)
    case 'keepDocuments': {
      const { email, text } = input as IndexOperations['keepDocuments']['input']
      keepDocuments(indexOf(account), email, text)
      return { waiting: waitingAfterIndexing(account) }
    }
    case 'discard':
      discard(account)
      return {}
    case 'close':
      close(account)
      return {}
  }
}

function step({ account, maxLetters, busy }: IndexOperations['advance']['input']): AdvanceOutput {
  const accountFolder = join(folder, account)
  try {
    const database = accounts.of(account)
    const output = advance({ account: database, accountFolder, index: indexOf(account), maxLetters, busy })
    if (output) return { ...output, reset: false }
  } catch (error) {
    // whichever of the two files is damaged: the index is the one that can be made again
    if (!isDamage(error)) throw error
  }
  discard(account)
  return { behind: 1, waiting: 0, more: true, untidy: false, reset: true }
}

function documentsOf(account: string): IndexOperations['nextDocuments']['output'] {
  const next = nextDocuments(accounts.of(account), join(folder, account), indexOf(account))
  return { next, waiting: waitingAfterIndexing(account) }
}

function waitingAfterIndexing(account: string): number {
  const index = indexOf(account)
  if (indexDocuments(index, collector)) while (mergeNext(index, mergeSegmentsFrom));
  return waitingCount(index)
}

function indexOf(account: string): Database {
  let index = indexes.get(account)
  if (index) indexes.delete(account)
  else index = openIndexForWriting(join(folder, account))
  indexes.set(account, index)
  const [oldest] = indexes.keys()
  if (indexes.size > openWrittenIndexes && oldest !== undefined) close(oldest)
  return index
}

function close(account: string): void {
  indexes.get(account)?.close()
  indexes.delete(account)
  accounts.forget(account)
}

function discard(account: string): void {
  close(account)
  removeIndex(join(folder, account))
}
