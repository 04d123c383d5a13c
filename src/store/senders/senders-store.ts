/** Who tried to send (greylisting) and who has sent before, on disk and bounded. The last second may be lost in a power cut. */
import { startThread, type Thread } from '../thread.ts'
import type { AttemptAnswer, AttemptInput, KnownInput, LearnInput, Sizes, SweepInput } from './operations.ts'

export type { AttemptAnswer, AttemptInput, KnownInput, LearnInput, Sizes, SweepInput } from './operations.ts'

export type SendersStore = {
  attempt(input: AttemptInput): Promise<AttemptAnswer>
  /** How often mail with each of these keys was delivered; 0 for what is not known or was not seen since */
  known(input: KnownInput): Promise<readonly number[]>
  learn(input: LearnInput): Promise<void>
  /** Removes what is too old or too much, all of it */
  sweep(input: SweepInput): Promise<Sizes>
  [Symbol.asyncDispose](): Promise<void>
}

export type SendersStoreOptions = { readonly file: string; readonly maxAttempts?: number; readonly maxKnown?: number }

/** The thread begins with the first question, and again after it has ended by itself. */
export function openSendersStore(options: SendersStoreOptions): SendersStore {
  let thread: Thread | undefined
  const call = <Output>(operation: string, input: unknown): Promise<Output> => {
    thread ??= startThread(new URL('./senders-thread.ts', import.meta.url), {
      name: 'senders',
      data: options,
      onExit: () => (thread = undefined),
    })
    return thread.call<Output>(operation, input)
  }
  return {
    attempt: input => call('attempt', input),
    known: input => call('known', input),
    learn: input => call('learn', input),
    async sweep(input) {
      for (;;) {
        const { removed, ...sizes } = await call<Sizes & { readonly removed: number }>('sweep', input)
        if (removed === 0) return sizes
      }
    },
    async [Symbol.asyncDispose]() {
      await thread?.[Symbol.asyncDispose]()
    },
  }
}
