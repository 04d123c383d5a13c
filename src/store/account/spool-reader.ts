/** Small messages that lie one after the other in a spool file, read in large pieces where the writer takes them. */
import { closeSync, openSync, readSync } from 'node:fs'
import { hash } from 'node:crypto'
import { blobLimitBytes } from './limits.ts'
import type { KeptBytes, SpooledBytes } from './operations.ts'

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
