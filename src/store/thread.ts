/**
 * A worker thread that answers named operations on plain data. Calls have credit: at most `maxPending` are under way,
 * further ones wait their turn here, where the caller's own backpressure is felt (postMessage has none).
 */
import { Worker, type Transferable } from 'node:worker_threads'

export type ThreadCall = { readonly id: number; readonly operation: string; readonly input: unknown }
export type ThreadAnswer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly failure: { readonly message: string; readonly code?: string } }
/** What a thread says unasked, in the order it happened, e.g. changes after a commit. Answers of the same batch come after it. */
export type ThreadNotice = { readonly notice: unknown }

export class ThreadFailure extends Error {
  override readonly name = 'ThreadFailure'
  readonly code: string | undefined
  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

export type Thread = {
  call<Output>(operation: string, input: unknown, transfer?: readonly Transferable[]): Promise<Output>
  /** Calls accepted and not yet answered. */
  readonly pending: number
  /** Its thread has ended by itself */
  readonly ended: boolean
  /** Processor time so far, and octets of its buffers and what else is not on its heap, which `heapMb` does not bound. Answered whatever it is doing */
  usage(): Promise<{ readonly cpuMs: number; readonly externalBytes: number }>
  /** Ends it at once, whatever it is doing: calls under way are rejected. */
  stop(): void
  [Symbol.asyncDispose](): Promise<void>
}

export type ThreadOptions = {
  readonly name: string
  readonly data: unknown
  readonly maxPending?: number
  /** Of its heap, MB: more ends it */
  readonly heapMb?: number
  readonly onNotice?: (notice: unknown) => void
  /** The thread ended by itself: every pending call has failed. */
  readonly onExit?: (error: Error | undefined) => void
}

type Waiting = { resolve(output: unknown): void; reject(error: Error): void }

export function startThread(file: URL, options: ThreadOptions): Thread {
  const worker = new Worker(file, {
    workerData: options.data,
    name: options.name,
    resourceLimits: { maxOldGenerationSizeMb: options.heapMb ?? 512 },
  })
  const pending = new Map<number, Waiting>()
  const queued: (() => void)[] = []
  const maxPending = options.maxPending ?? 1024
  let nextId = 1
  let exited: Error | undefined
  let closing = false

  worker.on('message', (messages: readonly (ThreadAnswer | ThreadNotice)[]) => {
    for (const message of messages) {
      if ('notice' in message) {
        options.onNotice?.(message.notice)
        continue
      }
      const waiting = pending.get(message.id)
      pending.delete(message.id)
      if ('failure' in message) waiting?.reject(new ThreadFailure(message.failure.message, message.failure.code))
      else waiting?.resolve(message.output)
    }
    while (queued.length > 0 && pending.size < maxPending) queued.shift()?.()
  })
  let lastError: Error | undefined
  worker.on('error', error => (lastError = error as Error))
  worker.on('exit', () => {
    exited = lastError ?? new ThreadFailure(`Thread ${options.name} has ended`, 'ENDED')
    for (const waiting of pending.values()) waiting.reject(exited)
    pending.clear()
    for (const send of queued.splice(0)) send()
    if (!closing) options.onExit?.(lastError)
  })

  return {
    get pending() {
      return pending.size + queued.length
    },
    get ended() {
      return exited !== undefined && !closing
    },
    call(operation, input, transfer = []) {
      return new Promise((resolve, reject) => {
        const send = () => {
          if (exited) return reject(exited)
          const id = nextId++
          pending.set(id, { resolve: resolve as (output: unknown) => void, reject })
          worker.postMessage({ id, operation, input } satisfies ThreadCall, transfer)
        }
        if (pending.size < maxPending) send()
        else queued.push(send)
      })
    },
    async usage() {
      if (exited) throw exited
      const [{ external_memory: externalBytes }, { user, system }] = await Promise.all([
        worker.getHeapStatistics(),
        worker.cpuUsage(),
      ])
      return { cpuMs: (user + system) / 1000, externalBytes }
    },
    stop() {
      void worker.terminate()
    },
    async [Symbol.asyncDispose]() {
      closing = true
      if (exited) return
      const gone = new Promise(resolve => worker.once('exit', resolve))
      worker.postMessage('close')
      await gone
    },
  }
}
