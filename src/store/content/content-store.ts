/** The junk filter's two threads as the main thread holds them: one that learns, one that judges. Both start when first asked. */
import { startThread, type Thread } from '../thread.ts'
import type { JudgeInput, Judged, LearnOperations } from './operations.ts'

export type { Judged, JunkStatus, Lesson, SenderKnown } from './operations.ts'
export { verdicts } from './verdict.ts'
export type { LearntVerdict } from './verdict.ts'

export type ContentStore = {
  learn<Name extends keyof LearnOperations>(
    operation: Name,
    input: LearnOperations[Name]['input'],
  ): Promise<LearnOperations[Name]['output']>
  /** The bytes' buffer is transferred. Rejects when the thread has ended. */
  judge(input: JudgeInput): Promise<Judged>
  /** The judging thread runs: resolves at once when it does already. */
  judgingReady(): Promise<void>
  /** Ends the judging thread at once: whoever waits for it is refused, the next call starts it anew. */
  stopJudging(): void
  /** The judging thread lets go of the account's file. */
  closeJudging(account: string): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Calls that wait in a thread's queue; more wait here. */
const maxPending = 64
/** A message of 1 MiB unfolds to some tens of MB of strings; what needs more has been made for it. */
const judgeHeapMb = 256

/** `folder` holds a folder for each account; `seed`: of this installation, 31 bit; `judges`: the judging thread's file. */
export function openContentStore(
  folder: string,
  seed: number,
  { judges = new URL('./judge-thread.ts', import.meta.url), heapMb = judgeHeapMb } = {},
): ContentStore {
  let learning: Thread | undefined
  let judging: Thread | undefined
  let ready: Promise<void> | undefined
  const learnThread = () =>
    (learning ??= startThread(new URL('./learn-thread.ts', import.meta.url), {
      name: 'junk-learn',
      data: { folder, seed },
      maxPending,
      onExit: () => (learning = undefined),
    }))
  const judgeThread = () => {
    if (judging) return judging
    const started: Thread = startThread(judges, {
      name: 'junk-judge',
      data: { folder, seed },
      maxPending,
      heapMb,
      onExit() {
        if (judging === started) judging = undefined
      },
    })
    judging = started
    ready = started.call('ready', {}).then(() => undefined)
    ready.catch(() => undefined)
    return started
  }
  return {
    learn: (operation, input) => learnThread().call(operation, input),
    judge: input =>
      judgeThread().call('judge', input, input.message ? [input.message.bytes.buffer as ArrayBuffer] : []),
    judgingReady() {
      judgeThread()
      return ready ?? Promise.resolve()
    },
    stopJudging() {
      judging?.stop()
      judging = undefined
    },
    async closeJudging(account) {
      await judging?.call('close', { account })
    },
    async [Symbol.asyncDispose]() {
      await judging?.[Symbol.asyncDispose]()
      await learning?.[Symbol.asyncDispose]()
    },
  }
}
