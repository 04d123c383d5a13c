/**
 * The account store as the main thread holds it: writer threads with the accounts hashed over them, reader threads for what
 * is long, and read connections of its own for reads by key.
 */
import { readdir, rm } from 'node:fs/promises'
import { statfsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transferable } from 'node:worker_threads'
import type { Database } from '../sqlite.ts'
import { startThread, type Thread } from '../thread.ts'
import { owedRetryMs, threadEndedPauseMs, threadRestartMs } from './limits.ts'
import { newBootMark } from './message-files.ts'
import type {
  AccountInput,
  AccountNotice,
  ReaderOperation,
  ReaderOperations,
  WriterNotice,
  WriterOperation,
  WriterOperations,
} from './operations.ts'
import { journalsIn } from './journal/recovery.ts'
import { ReaderConnections } from './reader-connections.ts'
import { threadIndexOf } from './writer-of.ts'

export type AccountStore = {
  readonly folder: string
  /** Begins the names of the message files that this process writes */
  readonly bootMark: string
  write<Name extends WriterOperation>(
    account: string,
    operation: Name,
    input: WriterOperations[Name]['input'],
    transfer?: readonly Transferable[],
    by?: string,
  ): Promise<WriterOperations[Name]['output']>
  /** Before the account is read: makes visible what was answered, and not committed yet. At once when there is nothing. */
  settle(account: string): Promise<void>
  scan<Name extends ReaderOperation>(
    account: string,
    operation: Name,
    input: ReaderOperations[Name]['input'],
  ): Promise<ReaderOperations[Name]['output']>
  /** For short reads by key on the calling thread. The connection is only good until the next await. */
  reader(account: string): Database
  /** Removes the account and all of its files. */
  purge(account: string): Promise<void>
  /** Names of the account folders */
  accounts(): Promise<readonly string[]>
  /** Since the start: commits, and the operations that shared them */
  readonly commits: { readonly count: number; readonly operations: number }
  /** Threads that have ended by themselves and wait for their successors */
  readonly threadsDown: number
  /** Octets free for us on the file system */
  freeBytes(): number
  [Symbol.asyncDispose](): Promise<void>
}

export type AccountStoreOptions = {
  readonly folder: string
  readonly writerThreads: number
  readonly readerThreads: number
  readonly onNotice: (notice: AccountNotice) => void
  /** Something went wrong that no answer could say; it is tried again */
  readonly onTrouble: (about: string, what: string) => void
  /** A thread has ended by itself and been replaced; changes to the concerned accounts may not have been told. */
  readonly onThreadEnd: (name: string, error: Error | undefined, isConcerned: (account: string) => boolean) => void
}

/** Of an account's folder */
const accountName = /^[a-z2-7]{16}$/

/** Calls under way to one thread; more wait in order. A call carries at most a small message. */
const maxPending = 512

/** Opens the store; what a crash has left in the journals is in its accounts before anything else is asked of them. */
export async function openAccountStore(options: AccountStoreOptions): Promise<AccountStore> {
  const bootMark = newBootMark()
  const { folder } = options
  const counts = new BigUint64Array(new SharedArrayBuffer(16))
  /** Accounts with deliveries that were answered and cannot be read yet */
  const deferred = new Set<string>()
  let closing = false
  let opened = false
  let removing: NodeJS.Timeout | undefined
  function noticed(notice: WriterNotice): void {
    if ('trouble' in notice) return options.onTrouble(notice.account, notice.trouble)
    if ('deferred' in notice) return void deferred.add(notice.account)
    deferred.delete(notice.account)
    if ('settled' in notice) return
    // What recovery brings back is told to nobody: nobody has anything open yet
    if (opened) options.onNotice(notice)
  }
  /** Threads in their places; one that ends by itself gets a successor, and what it was asked has failed. */
  function start(file: URL, kind: string, count: number): Thread[] {
    const threads: Thread[] = []
    const startOne = (index: number) => {
      if (closing) return
      const name = `${kind}-${index + 1}`
      threads[index] = startThread(file, {
        name,
        data: { folder, bootMark, counts, index, threads: count },
        maxPending,
        onNotice: notice => noticed(notice as WriterNotice),
        onExit: error => {
          setTimeout(() => {
            startOne(index)
            options.onThreadEnd(name, error, account => threadOf(threads, account) === threads[index])
          }, threadRestartMs).unref()
        },
      })
    }
    for (let index = 0; index < count; index++) startOne(index)
    return threads
  }
  const writers = start(new URL('./writer-thread.ts', import.meta.url), 'account-writer', options.writerThreads)
  const readers = start(new URL('./reader-thread.ts', import.meta.url), 'account-reader', options.readerThreads)
  const connections = new ReaderConnections(folder, { busyTimeoutMs: 0 })

  const store: AccountStore = {
    folder,
    bootMark,
    write(account, operation, input, transfer, by) {
      return threadOf(writers, account).call(
        operation,
        { account, input, by } satisfies AccountInput<unknown>,
        transfer,
      )
    },
    async settle(account) {
      while (deferred.has(account)) {
        const thread = threadOf(writers, account)
        try {
          await store.write(account, 'settle', {})
          return
        } catch (error) {
          if (!thread.ended) throw error
          // Its successor brings back what was answered
          await sleep(threadEndedPauseMs)
        }
      }
    },
    async scan(account, operation, input) {
      await store.settle(account)
      return await threadOf(readers, account).call(operation, { account, input } satisfies AccountInput<unknown>)
    },
    reader: account => connections.of(account),
    async purge(account) {
      connections.forget(account)
      await threadOf(readers, account).call('close', { account, input: {} })
      await store.write(account, 'close', {})
      // something may be kept beside it at this moment (kept-columns.ts)
      await rm(join(folder, account), { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
    },
    async accounts() {
      const entries = await readdir(folder, { withFileTypes: true })
      return entries.filter(entry => entry.isDirectory() && accountName.test(entry.name)).map(entry => entry.name)
    },
    get commits() {
      return { count: Number(Atomics.load(counts, 0)), operations: Number(Atomics.load(counts, 1)) }
    },
    get threadsDown() {
      return [...writers, ...readers].filter(thread => thread.ended).length
    },
    freeBytes() {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    },
    async [Symbol.asyncDispose]() {
      closing = true
      clearTimeout(removing)
      connections.close()
      // Readers first, so that each writer is the last to close and leaves no WAL behind
      await Promise.all(readers.map(thread => thread[Symbol.asyncDispose]()))
      await Promise.all(writers.map(thread => thread[Symbol.asyncDispose]()))
    },
  }
  const earlier = journalsIn(folder).filter(path => !basename(path).startsWith(bootMark))
  /**
   * Once no thread needs them any more: an account may only open later. They must not wait for the next start, by which time the
   * delivery rows that answer for their letters may have been let go of.
   */
  async function removeEarlier(): Promise<void> {
    const ready = await Promise.all(
      writers.map(thread => thread.call<WriterOperations['ready']['output']>('ready', { account: '', input: {} })),
    )
    if (ready.every(({ recovered }) => recovered)) for (const path of earlier) await rm(path, { force: true })
    else removeLater()
  }
  function removeLater(): void {
    if (!closing) removing = setTimeout(() => void removeEarlier().catch(removeLater), owedRetryMs).unref()
  }
  await removeEarlier()
  opened = true
  return store
}

function threadOf(threads: readonly Thread[], account: string): Thread {
  const thread = threads[threadIndexOf(account, threads.length)]
  if (!thread) throw new Error('The account store has no threads')
  return thread
}
