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
/** Ours to choose; zlib's table of hashes has 64 KiB all the same. The peer's window may have the full 32 KiB. */
const windowBits = 12
const memLevel = 5
/**
 * Who has nothing to say for so long gives its compressor back. The next one goes on where the last sync flush ended, and
 * only never refers to what came before.
 */
const quietMs = 1_000
const flush = constants.Z_SYNC_FLUSH

export class Deflated extends Duplex {
  readonly plain: Duplex
  readonly #inflate: InflateRaw
  #deflate: DeflateRaw | undefined
  readonly #quiet: NodeJS.Timeout

  /** `plain` is paused, and nobody else reads or writes it from now on. */
  constructor(plain: Duplex) {
    super({ readableHighWaterMark: chunkBytes })
    this.plain = plain
    // the peer may end without the last block
    this.#inflate = createInflateRaw({ chunkSize: chunkBytes, finishFlush: flush })
    this.#joinInput()
    this.#inflate.on('error', this.#onError)
    plain.on('error', this.#onError)
    plain.on('close', this.#onClose)
    plain.on('drain', () => this.#deflate?.resume())
    this.#quiet = setTimeout(this.#onQuiet, quietMs).unref()
  }

  readonly #onError = (error: Error) => void this.destroy(error)

  /** After a clean end the last words may still be in zlib's hands: they come out, then the end. What is written goes nowhere. */
  readonly #onClose = () => {
    if (this.plain.readableEnded) this.#deflate?.resume()
    else this.destroy()
  }

  readonly #onQuiet = () => {
    if (this.writableEnded) return
    // a slow peer has not taken all of it
    if (this.writableLength > 0 || this.#deflate?.readableLength) return void this.#quiet.refresh()
    this.#deflate?.destroy()
    this.#deflate = undefined
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

  #deflater(): DeflateRaw {
    if (this.#deflate) return this.#deflate
    const { plain } = this
    const deflate = createDeflateRaw({ windowBits, memLevel, chunkSize: chunkBytes, flush })
    deflate.on('data', chunk => {
      if (!plain.destroyed && !plain.write(chunk)) deflate.pause()
    })
    deflate.on('end', () => plain.end())
    deflate.on('error', this.#onError)
    this.#deflate = deflate
    return deflate
  }

  override _read(): void {
    this.#inflate.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#quiet.refresh()
    this.#deflater().write(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.plain.destroyed) return done()
    this.plain.once('finish', done)
    this.#deflater().end()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inflate.destroy()
    this.#deflate?.destroy()
    clearTimeout(this.#quiet)
    this.plain.destroy()
    done(error)
  }
}
