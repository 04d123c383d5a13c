/**
 * Reads letters: small ones at once, large ones in a thread with a limit of memory and time, one after the other. A letter that ends the thread twice is not
 * tried again; nobody else's waits for more than its two attempts.
 */
import { Worker } from 'node:worker_threads'
import type { Log } from '#base/log.ts'
import type { LetterAnswer } from './letter-thread.ts'
import { doWork, type LetterOutput, type LetterWork } from './work.ts'

export type LettersOptions = {
  /** Milliseconds for one letter */
  readonly limitMs?: number
  /** In the place of ours */
  readonly thread?: URL
}

/** Letters up to here are read where they are asked for: some milliseconds. Larger ones are files (store/account/limits.ts). */
const smallBytes = 128 * 1024
/** Of its heap: letters are read window by window, texts up to their first MiB */
const heapMb = 256
const defaultLimitMs = 20_000
const attempts = 2
/** Letters remembered for what they did */
const maxDeadly = 1_000

export class Letters {
  readonly #limitMs: number
  readonly #file: URL
  #worker: Worker | undefined
  /** Letters wait for each other */
  #last: Promise<unknown> = Promise.resolve()
  readonly #deadly = new Set<string>()

  constructor({
    limitMs = defaultLimitMs,
    thread = new URL('./letter-thread.ts', import.meta.url),
  }: LettersOptions = {}) {
    this.#limitMs = limitMs
    this.#file = thread
  }

  /** `name`: of the letter, the same each time. Undefined: it cannot be read. Throws what `doWork` throws. */
  async read<Work extends LetterWork>(
    work: Work,
    name: string,
    log: Log,
  ): Promise<{ readonly output: LetterOutput<Work['kind']> } | undefined> {
    if (work.letter.sizeBytes <= smallBytes) return { output: await doWork(work) }
    if (this.#deadly.has(name)) return undefined
    const before = this.#last
    const reading = (async () => {
      await before
      return await this.#attempts(work, name, log)
    })()
    this.#last = reading.catch(() => undefined)
    const answer = await reading
    if (!answer) return undefined
    if ('failure' in answer) throw new Error(answer.failure)
    return { output: answer.output as LetterOutput<Work['kind']> }
  }

  async #attempts(work: LetterWork, name: string, log: Log): Promise<LetterAnswer | undefined> {
    if (this.#deadly.has(name)) return undefined
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const answer = await this.#attempt(work)
      if (typeof answer !== 'string') return answer
      log.warn('The thread that reads large letters has ended over one', { letter: name, attempt, why: answer })
    }
    this.#deadly.add(name)
    for (const oldest of this.#deadly) {
      if (this.#deadly.size <= maxDeadly) break
      this.#deadly.delete(oldest)
    }
    return undefined
  }

  /** The text says why the thread has ended. */
  async #attempt(work: LetterWork): Promise<LetterAnswer | string> {
    const worker = (this.#worker ??= this.#start())
    const { promise, resolve } = Promise.withResolvers<LetterAnswer | string>()
    const onError = (error: unknown) => resolve(String(error))
    const onExit = () => resolve('It has ended')
    worker.on('message', resolve).on('error', onError).on('exit', onExit)
    const late = setTimeout(() => resolve(`It took more than ${this.#limitMs} ms`), this.#limitMs)
    worker.postMessage(work)
    const answer = await promise
    clearTimeout(late)
    worker.off('message', resolve).off('error', onError).off('exit', onExit)
    if (typeof answer === 'string') {
      this.#worker = undefined
      void worker.terminate()
    }
    return answer
  }

  /** Nobody has to end it: it does not keep the program alive. */
  #start(): Worker {
    const worker = new Worker(this.#file, { name: 'jmap-letters', resourceLimits: { maxOldGenerationSizeMb: heapMb } })
    worker.unref()
    // told by whoever waits for it; what comes of an end that was decided on is nobody's news
    worker.on('error', () => undefined)
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}
