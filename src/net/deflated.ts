/**
 * A transport inside another, compressed by raw deflate both ways (RFC 4978 §4, RFC 1951).
 *
 * Invariants: what one write holds can be read by the peer when the write is done (sync flush). However much some input blows
 * up, only `chunkBytes` at a time are made of it, and nothing while the reader takes nothing; meanwhile reading stops below.
 */
import { Duplex } from 'node:stream'
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'

/** Out of zlib at once, and what each direction keeps as its buffer. */
const chunkBytes = 8 * 1024
/** Ours to choose: 16 KiB of window and 16 KiB of tables. The peer's window may have the full 32 KiB. */
const windowBits = 12
const memLevel = 5

export class Deflated extends Duplex {
  readonly plain: Duplex
  readonly #inflate: InflateRaw
  readonly #deflate: DeflateRaw

  /** `plain` is paused, and nobody else reads or writes it from now on. */
  constructor(plain: Duplex) {
    super({ readableHighWaterMark: chunkBytes })
    this.plain = plain
    const flush = constants.Z_SYNC_FLUSH
    this.#deflate = createDeflateRaw({ windowBits, memLevel, chunkSize: chunkBytes, flush })
    // the peer may end without the last block
    this.#inflate = createInflateRaw({ chunkSize: chunkBytes, finishFlush: flush })
    this.#joinInput()
    this.#joinOutput()
    const fail = (error: Error) => this.destroy(error)
    for (const stream of [plain, this.#inflate, this.#deflate]) stream.on('error', fail)
    plain.on('close', () => this.destroy())
  }

  #joinInput(): void {
    const { plain } = this
    const inflate = this.#inflate
    plain.on('data', chunk => {
      if (!inflate.write(chunk)) plain.pause()
    })
    plain.on('end', () => inflate.end())
    inflate.on('drain', () => plain.resume())
    inflate.on('data', chunk => {
      if (!this.push(chunk)) inflate.pause()
    })
    inflate.on('end', () => this.push(null))
    inflate.pause()
    plain.resume()
  }

  #joinOutput(): void {
    const { plain } = this
    const deflate = this.#deflate
    deflate.on('data', chunk => {
      if (!plain.write(chunk)) deflate.pause()
    })
    plain.on('drain', () => deflate.resume())
    deflate.on('end', () => plain.end())
  }

  override _read(): void {
    this.#inflate.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#deflate.write(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.plain.once('finish', done)
    this.#deflate.end()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inflate.destroy()
    this.#deflate.destroy()
    this.plain.destroy()
    done(error)
  }
}
