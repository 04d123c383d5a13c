/**
 * Memory for what is being sent, used again and again by all connections: new memory for each piece costs a page fault every
 * 4 KiB, a tenth of the time of a FETCH of whole messages.
 */
import { keptChunks, outputChunkBytes } from './limits.ts'

const free: Buffer[] = []

/** Of `outputChunkBytes`, with whatever it held before. */
export function takeChunk(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(outputChunkBytes)
}

/** When nobody looks at it any more. One that is never given back is only memory to be collected. */
export function giveChunk(chunk: Buffer): void {
  if (free.length < keptChunks) free.push(chunk)
}
