/** Reads documents in a thread with bounds of time and memory: a document that needs more ends the thread, and the next one gets another. */
import { ownBytes } from '#base/bytes.ts'
import { startThread, type Thread } from '../thread.ts'
import {
  documentBufferBytes,
  documentHeapMb,
  documentLookMs,
  documentMs,
  documentPatience,
  documentThreadIdleMs,
} from './limits.ts'

export type DocumentReading = { readonly text: string; readonly failure?: undefined } | { readonly failure: string }

export type DocumentBounds = {
  /** Of the processor */
  readonly timeMs?: number
  readonly heapMb?: number
  readonly bufferBytes?: number
}

export class DocumentReader {
  readonly #bounds: Required<DocumentBounds>
  #thread: Thread | undefined
  #idle: NodeJS.Timeout | undefined
  /** Never rejects */
  #last: Promise<unknown> = Promise.resolve()

  constructor(bounds: DocumentBounds = {}) {
    this.#bounds = { timeMs: documentMs, heapMb: documentHeapMb, bufferBytes: documentBufferBytes, ...bounds }
  }

  /** One after the other. `bytes` are copied. */
  read(bytes: Uint8Array, maxUnits: number): Promise<DocumentReading> {
    const reading = this.#last.then(() => this.#readNow(bytes, maxUnits))
    this.#last = reading
    return reading
  }

  async #readNow(bytes: Uint8Array, maxUnits: number): Promise<DocumentReading> {
    clearTimeout(this.#idle)
    const thread = (this.#thread ??= this.#start())
    const own = ownBytes(bytes)
    const watch = this.#watch(thread)
    try {
      return { text: await thread.call<string>('text', { bytes: own, maxUnits }, [own.buffer]) }
    } catch (error) {
      return { failure: watch.reason() ?? (error instanceof Error ? error.message : String(error)) }
    } finally {
      watch.end()
      // the thread and what it has loaded are some tens of MB
      this.#idle = setTimeout(() => this[Symbol.dispose](), documentThreadIdleMs).unref()
    }
  }

  #start(): Thread {
    const started = startThread(new URL('./document-thread.ts', import.meta.url), {
      name: 'documents',
      data: {},
      heapMb: this.#bounds.heapMb,
      onExit: () => {
        if (this.#thread === started) this.#thread = undefined
      },
    })
    return started
  }

  /** What takes too long, or unfolds too far, is stopped: `heapMb` bounds only what lies on the heap. */
  #watch(thread: Thread): { reason(): string | undefined; end(): void } {
    let reason: string | undefined
    const stop = (why: string) => {
      reason ??= why
      if (this.#thread === thread) this.#thread = undefined
      thread.stop()
    }
    const late = setTimeout(() => stop('It takes too long'), this.#bounds.timeMs * documentPatience)
    let begun: number | undefined
    const looks = setInterval(() => {
      thread.usage().then(
        ({ cpuMs, externalBytes }) => {
          begun ??= cpuMs
          if (externalBytes > this.#bounds.bufferBytes) stop('It takes too much memory')
          if (cpuMs - begun > this.#bounds.timeMs) stop('It takes too long')
        },
        () => undefined,
      )
    }, documentLookMs)
    return {
      reason: () => reason,
      end() {
        clearTimeout(late)
        clearInterval(looks)
      },
    }
  }

  /** At once: what is being read is given up. */
  [Symbol.dispose](): void {
    clearTimeout(this.#idle)
    const thread = this.#thread
    this.#thread = undefined
    thread?.stop()
  }
}
