/** The thread in which large letters are read, one at a time. */
import { parentPort } from 'node:worker_threads'
import { doWork, type LetterWork } from './work.ts'

export type LetterAnswer = { readonly output: unknown } | { readonly failure: string }

parentPort?.on('message', (work: LetterWork) => {
  doWork(work).then(
    output => parentPort?.postMessage({ output } satisfies LetterAnswer),
    (error: unknown) => parentPort?.postMessage({ failure: String(error) } satisfies LetterAnswer),
  )
})
