/** What became of each recipient that a gateway relayed for its home: on disk before home is told, and bounded. */
import { startThread, type Thread } from '../thread.ts'

export type RelayedRow = {
  /** A keyed hash, 32 octets */
  readonly key: Uint8Array
  /** JSON */
  readonly result: string
}

export type FindInput = { readonly keys: readonly Uint8Array[] }
/** `at` and `before`: milliseconds since 1970; what was written before goes on the way, a few rows each time */
export type KeepInput = { readonly rows: readonly RelayedRow[]; readonly at: number; readonly before: number }

export type RelayedStore = {
  /** The result for each key, or undefined */
  find(input: FindInput): Promise<readonly (string | undefined)[]>
  keep(input: KeepInput): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type RelayedStoreOptions = { readonly file: string; readonly maxRows?: number }

/** The thread begins with the first question, and again after it has ended by itself. */
export function openRelayedStore(options: RelayedStoreOptions): RelayedStore {
  let thread: Thread | undefined
  const call = <Output>(operation: string, input: unknown): Promise<Output> => {
    thread ??= startThread(new URL('./relayed-thread.ts', import.meta.url), {
      name: 'relayed',
      data: options,
      heapMb: 64,
      onExit: () => (thread = undefined),
    })
    return thread.call<Output>(operation, input)
  }
  return {
    find: input => call('find', input),
    keep: input => call('keep', input),
    async [Symbol.asyncDispose]() {
      await thread?.[Symbol.asyncDispose]()
    },
  }
}
