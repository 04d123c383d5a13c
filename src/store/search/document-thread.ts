/** Reads documents, one at a time. Whoever asks bounds the time and the memory it takes (document-reader.ts) by ending the thread. */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { documentText } from '#formats/documents/document-text.ts'
import type { ThreadAnswer, ThreadCall } from '../thread.ts'
import { documentThreadNice } from './limits.ts'

try {
  setPriority(0, documentThreadNice)
} catch {
  // A system that does not allow it: then reading competes
}

parentPort?.on('message', (call: ThreadCall | 'close') => {
  if (call === 'close') process.exit()
  void answer(call)
})

async function answer({ id, input }: ThreadCall): Promise<void> {
  const { bytes, maxUnits } = input as { readonly bytes: Uint8Array; readonly maxUnits: number }
  const reply = await documentText(bytes, maxUnits).then(
    (output): ThreadAnswer => ({ id, output }),
    (error: unknown): ThreadAnswer => ({ id, failure: { message: String(error).slice(0, 200) } }),
  )
  parentPort?.postMessage([reply])
}
