/** The inside of a thread started by thread.ts: takes all calls that have arrived, hands them over as one batch, answers as one. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Transferable } from 'node:worker_threads'
import type { ThreadAnswer, ThreadCall, ThreadNotice } from './thread.ts'

export type Batch = {
  readonly calls: readonly ThreadCall[]
  answer(call: ThreadCall, output: unknown, transfer?: readonly Transferable[]): void
  refuse(call: ThreadCall, message: string, code?: string): void
  notify(notice: unknown): void
  /** Sends what has been said so far, while the rest of the batch is still to come. */
  flush(): void
}

export const threadData: unknown = workerData

export type ThreadVoice = {
  /** For what is to be told between batches: `act` gets a batch without calls, sent when it returns. */
  speak(act: (batch: Batch) => void): void
}

/** At most this many calls share one transaction: bounds the time of a commit and what one failure can touch. */
const maxBatch = 256

/**
 * Serves until told to close. `run` is synchronous: what arrives while it commits forms the next batch (group commit).
 */
export function serveThread(run: (batch: Batch) => void, close: () => void): ThreadVoice {
  const port = parentPort
  if (!port) throw new Error('This file runs only as a thread')
  port.on('message', (first: ThreadCall | 'close') => {
    const calls: ThreadCall[] = []
    let closing = first === 'close'
    if (first !== 'close') calls.push(first)
    while (!closing && calls.length < maxBatch) {
      const next = receiveMessageOnPort(port) as { message: ThreadCall | 'close' } | undefined
      if (!next) break
      if (next.message === 'close') closing = true
      else calls.push(next.message)
    }
    if (calls.length > 0) runBatch(calls, run)
    if (closing) {
      close()
      port.close()
    }
  })

  function runBatch(calls: readonly ThreadCall[], act: (batch: Batch) => void): void {
    let messages: (ThreadAnswer | ThreadNotice)[] = []
    let transfers: Transferable[] = []
    const flush = () => {
      if (messages.length > 0) port?.postMessage(messages, transfers)
      messages = []
      transfers = []
    }
    const answered = new Set<number>()
    act({
      calls,
      answer(call, output, transfer = []) {
        answered.add(call.id)
        messages.push({ id: call.id, output })
        transfers.push(...transfer)
      },
      refuse(call, message, code) {
        answered.add(call.id)
        messages.push({ id: call.id, failure: code === undefined ? { message } : { message, code } })
      },
      notify(notice) {
        messages.push({ notice })
      },
      flush,
    })
    for (const call of calls)
      if (!answered.has(call.id)) messages.push({ id: call.id, failure: { message: 'The operation gave no answer' } })
    flush()
  }

  return { speak: act => runBatch([], act) }
}
