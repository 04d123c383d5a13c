/** For tests: reads letters as the true thread does, but parts 9.9 end it and parts 8.8 take for ever. */
import { parentPort } from 'node:worker_threads'
import { doWork, type LetterWork } from './work.ts'

parentPort?.on('message', async (work: LetterWork) => {
  const path = work.kind === 'part' ? work.path.join('.') : ''
  if (path === '9.9') process.exit(1)
  while (path === '8.8');
  parentPort?.postMessage({ output: await doWork(work) })
})
