/**
 * Responses on their way to one peer: gathered in one buffer, handed over in pieces of some hundred KiB, waiting while the
 * peer is slow. An idle connection holds no buffer.
 */
import { setImmediate } from 'node:timers/promises'
import { copyBytes, utf8 } from '#base/bytes.ts'
import type { Connection } from '#net/connection.ts'
import { outputChunkBytes, outputPieceBytes, sliceMs, writeDeadlineMs } from './limits.ts'
import { giveChunk, takeChunk } from './output-chunks.ts'
import type { Output } from './peer.ts'
import type { Piece } from './syntax/print.ts'

/** Less than what Node's pool is cut into (half of 8 KiB) */
const firstChunkBytes = 1024

export class ConnectionOutput implements Output {
  readonly #connection: Connection
  readonly #signal: AbortSignal
  #chunk: Buffer | undefined
  #used = 0
  #sliceStart = 0

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection
    this.#signal = signal
  }

  write(piece: Piece): void {
    const { length } = piece
    // at most three octets of UTF-8 for a unit of UTF-16
    const most = typeof piece === 'string' ? length * 3 : length
    if (this.#chunk && most > this.#chunk.length - this.#used) this.#handOver()
    if (length > outputChunkBytes / 4) return this.#writeLarge(piece)
    this.#chunk ??= this.#nextChunk(most)
    if (typeof piece === 'string') this.#used += this.#chunk.write(piece, this.#used)
    else this.#used += copyBytes(piece, this.#chunk, this.#used)
  }

  writeRange(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (length > outputChunkBytes / 4 || !Buffer.isBuffer(bytes)) return this.write(bytes.subarray(start, end))
    if (this.#chunk && length > this.#chunk.length - this.#used) this.#handOver()
    this.#chunk ??= this.#nextChunk(length)
    this.#used += bytes.copy(this.#chunk, this.#used, start, end)
  }

  /** Goes by itself, without a copy. What lies in shared memory is only good while it is being written (fetch/batch.ts). */
  #writeLarge(piece: Piece): void {
    this.#handOver()
    if (typeof piece === 'string') return this.#connection.write(utf8(piece))
    if (!(piece.buffer instanceof SharedArrayBuffer)) return this.#connection.write(piece)
    for (let at = 0; at < piece.length; at += outputChunkBytes) {
      this.#chunk = takeChunk()
      this.#used = copyBytes(piece.subarray(at, at + outputChunkBytes), this.#chunk, 0)
      if (at + outputChunkBytes < piece.length) this.#handOver()
    }
  }

  get isFull(): boolean {
    return (
      this.#connection.unflushedBytes + this.#used >= outputPieceBytes || performance.now() - this.#sliceStart > sliceMs
    )
  }

  async room(): Promise<void> {
    this.#signal.throwIfAborted()
    if (this.#connection.unflushedBytes + this.#used >= outputChunkBytes) await this.flush()
    await setImmediate()
    this.beginSlice()
  }

  beginSlice(): void {
    this.#sliceStart = performance.now()
  }

  get isEmpty(): boolean {
    return this.#used === 0 && this.#connection.unflushedBytes === 0
  }

  async flush(): Promise<void> {
    this.#handOver()
    await this.#connection.flush(writeDeadlineMs)
  }

  /** A short answer, or a line of news to an idle client, comes from Node's pool; what goes on is gathered in a large one. */
  #nextChunk(bytes: number): Buffer {
    const isFirst = this.#connection.unflushedBytes === 0
    return isFirst && bytes <= firstChunkBytes ? Buffer.allocUnsafe(firstChunkBytes) : takeChunk()
  }

  /** What was gathered goes into the connection's own queue. */
  #handOver(): void {
    if (this.#chunk === undefined || this.#used === 0) return
    const chunk = this.#chunk
    const gathered = chunk.subarray(0, this.#used)
    const isLarge = chunk.length === outputChunkBytes
    // little of a large buffer is copied, so that it is free at once
    const isCopied = isLarge && this.#used < chunk.length / 2
    this.#chunk = undefined
    this.#used = 0
    this.#connection.write(
      isCopied ? Buffer.from(gathered) : gathered,
      isLarge && !isCopied ? () => giveChunk(chunk) : undefined,
    )
    if (isCopied) giveChunk(chunk)
  }
}
