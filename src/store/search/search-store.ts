/** The search indexes as the main thread holds them: a thread that writes them, one that searches. Both start when first asked. */
import { startThread, type Thread } from '../thread.ts'
import type { IndexOperations, SearchOperations } from './operations.ts'

export { gone } from './operations.ts'
export type { AdvanceOutput } from './operations.ts'

export type SearchStore = {
  index<Name extends keyof IndexOperations>(
    operation: Name,
    input: IndexOperations[Name]['input'],
  ): Promise<IndexOperations[Name]['output']>
  /** The emails' buffer is transferred. */
  search<Name extends 'narrow' | 'read' | 'references' | 'previews'>(
    operation: Name,
    input: SearchOperations[Name]['input'],
  ): Promise<SearchOperations[Name]['output']>
  /** The searching thread lets go of the account's files. */
  closeSearch(account: string): Promise<void>
  /** Nobody has the account's files open any more. */
  close(account: string): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Searches that wait in the thread's queue; more wait here. */
const maxPending = 64

/** `folder` holds a folder for each account. A thread that ended by itself is started again with the next call. */
export function openSearchStore(folder: string): SearchStore {
  let indexing: Thread | undefined
  let searching: Thread | undefined
  const indexThread = () =>
    (indexing ??= startThread(new URL('./index-thread.ts', import.meta.url), {
      name: 'search-index',
      data: { folder },
      maxPending,
      onExit: () => (indexing = undefined),
    }))
  const searchThread = () =>
    (searching ??= startThread(new URL('./search-thread.ts', import.meta.url), {
      name: 'search',
      data: { folder },
      maxPending,
      onExit: () => (searching = undefined),
    }))
  return {
    index: (operation, input) => indexThread().call(operation, input),
    search: (operation, input) => searchThread().call(operation, input, [input.emails.buffer]),
    async closeSearch(account) {
      await searching?.call('close', { account })
    },
    async close(account) {
      await searching?.call('close', { account })
      await indexing?.call('close', { account })
    },
    async [Symbol.asyncDispose]() {
      await searching?.[Symbol.asyncDispose]()
      await indexing?.[Symbol.asyncDispose]()
    },
  }
}
