/** Events on disk, found by delivery, Message-ID, sender and recipient. */
import { startThread, type Thread } from '../thread.ts'
import { maxFoundEvents } from './limits.ts'
import type { EventRow, FindInput, SweepInput, Swept } from './rows.ts'

export type { EventRow } from './rows.ts'
export { maxReplyCharacters, maxStoredEvents } from './limits.ts'

export type TraceStore = {
  record(rows: readonly EventRow[]): Promise<number>
  /** The newest `limit` (at most 10,000) about something, oldest first */
  find(input: FindInput): Promise<readonly EventRow[]>
  /** The newest `limit`, newest first */
  recent(limit: number): Promise<readonly EventRow[]>
  /** Removes some of what is too old or too much */
  sweep(input: SweepInput): Promise<Swept>
  [Symbol.asyncDispose](): Promise<void>
}

/** A thread that ended by itself is started again with the next call. */
export function openTraceStore(file: string): TraceStore {
  let thread: Thread | undefined
  const call = <Output>(operation: string, input: unknown): Promise<Output> => {
    thread ??= startThread(new URL('./trace-thread.ts', import.meta.url), {
      name: 'trace',
      data: { file },
      onExit: () => (thread = undefined),
    })
    return thread.call<Output>(operation, input)
  }
  return {
    record: rows => call('record', rows),
    find: ({ limit, ...input }) => call('find', { ...input, limit: Math.min(limit, maxFoundEvents) }),
    recent: limit => call('recent', { limit: Math.min(limit, maxFoundEvents) }),
    sweep: input => call('sweep', input),
    async [Symbol.asyncDispose]() {
      await thread?.[Symbol.asyncDispose]()
    },
  }
}
