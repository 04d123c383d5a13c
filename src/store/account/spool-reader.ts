/** Small messages that lie one after the other in a spool file, read in large pieces where the writer takes them. */
import { closeSync, openSync, readSync } from 'node:fs'
import { hash } from 'node:crypto'
import { blobLimitBytes } from './limits.ts'
import type { KeptBytes, SpooledBytes } from './operations.ts'

/** Octets of messages that are in memory or in spool files, in order: those that lie one behind the other are read in one piece. */
export function readSpooled(messages: readonly (KeptBytes | SpooledBytes)[]): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  for (let from = 0; from < messages.length; ) {
    const first = messages[from]
    if (first?.kind === 'file') throw new Error('A message in a file of its own')
    let to = from + 1
    if (first?.kind === 'memory') found.push(first.bytes)
    else if (first) {
      let end = first.offset + first.sizeBytes
      for (let next = messages[to]; goesOn(next, first.path, end); next = messages[++to]) end += next.sizeBytes
      const bytes = readPiece(first.path, first.offset, end - first.offset)
      for (const { sizeBytes } of messages.slice(from, to)) {
        const start = found.length === from ? 0 : (found.at(-1)?.byteOffset ?? 0) + (found.at(-1)?.length ?? 0)
        found.push(bytes.subarray(start, start + sizeBytes))
      }
    }
    from = to
  }
  return found
}

function goesOn(next: KeptBytes | SpooledBytes | undefined, path: string, offset: number): next is SpooledBytes {
  return next?.kind === 'spool' && next.path === path && next.offset === offset
}

function readPiece(path: string, offset: number, sizeBytes: number): Uint8Array {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(sizeBytes)
    for (let done = 0; done < sizeBytes; ) {
      const read = readSync(descriptor, bytes, done, sizeBytes - done, offset + done)
      if (read === 0) throw new Error('The spool file is shorter than what was written')
      done += read
    }
    return bytes
  } finally {
    closeSync(descriptor)
  }
}

const windowBytes = 8 * blobLimitBytes

export class SpoolReader {
  #path: string | undefined
  #descriptor = -1
  /** Made when the first message is to be read: most commands bring theirs along */
  #window = new Uint8Array(0)
  #start = 0
  #length = 0

  /** The message's bytes stay what they are until the next call. Throws when the file does not hold them. */
  bring({ path, offset, sizeBytes }: SpooledBytes): KeptBytes {
    if (path !== this.#path) this.#open(path)
    if (offset < this.#start || offset + sizeBytes > this.#start + this.#length) this.#fill(offset)
    const from = offset - this.#start
    if (from + sizeBytes > this.#length) throw new Error('The spool file is shorter than what was written')
    const bytes = this.#window.subarray(from, from + sizeBytes)
    return { kind: 'memory', bytes, sizeBytes, traceBytes: 0, receivedHash: hash('sha256', bytes, 'buffer') }
  }

  #open(path: string): void {
    this[Symbol.dispose]()
    this.#descriptor = openSync(path, 'r')
    this.#path = path
  }

  #fill(offset: number): void {
    if (this.#window.length === 0) this.#window = new Uint8Array(windowBytes)
    this.#start = offset
    this.#length = 0
    while (this.#length < windowBytes) {
      const read = readSync(
        this.#descriptor,
        this.#window,
        this.#length,
        windowBytes - this.#length,
        offset + this.#length,
      )
      if (read === 0) return
      this.#length += read
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor)
    this.#descriptor = -1
    this.#path = undefined
    this.#length = 0
  }
}
