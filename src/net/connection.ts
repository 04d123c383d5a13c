/**
 * One peer's byte stream, read by lines and counts and written with backpressure. No mail words here.
 *
 * Invariants: every read has a deadline; what is buffered is bounded by what the caller asks for plus one chunk of the
 * transport; `upgrade` (STARTTLS) throws away what was buffered (RFC 3207 §4.2, RFC 9051 §6.2.1); a write to a dead peer
 * never throws, the next read or flush tells.
 */
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { offAbort, onAbort } from '#base/deadline.ts'
import { Deflated } from './deflated.ts'

export class PeerTimeout extends Error {
  override readonly name = 'PeerTimeout'
}
export class PeerGone extends Error {
  override readonly name = 'PeerGone'
}

const nothing = Buffer.alloc(0)
const atOnce = Promise.resolve()
const lineFeed = 10
const carriageReturn = 13
/** Reading stops while this much is unread: one TLS record and some. */
const readHighWaterBytes = 128 * 1024
/** `flush` waits for the peer once this much is unsent. */
const writeHighWaterBytes = 64 * 1024
/** Some large pieces go out without being copied into one. */
const maxPieces = 16

type Taken = (error?: Error | null) => void

export type Line =
  /** Without its end. `bare` tells that the end was LF alone, or that a CR stands inside. */
  | { readonly kind: 'line'; readonly bytes: Uint8Array; readonly bare: boolean }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'more' }

export class Connection {
  #stream: Duplex
  #buffer: Buffer = nothing
  #ended = false
  #clean = false
  #error: Error | undefined
  /** True: more has come */
  #wake: ((more: boolean) => void) | undefined
  #reject: ((error: unknown) => void) | undefined
  #receivedBytes = 0
  /** One timer for all reads. It may fire too early, and then waits for the rest: a read only notes until when it may last. */
  #timer: NodeJS.Timeout | undefined
  #timerAt = 0
  #dueAt = 0
  #signal: AbortSignal | undefined
  #outgoing: (Uint8Array | string)[] = []
  #outgoingBytes = 0
  /** To be called when the transport has taken what is queued. */
  #taken: (() => void)[] = []
  /** Set while the rest of an over-long line is being thrown away. */
  #skipping = false
  /** Set by `end`: what still comes is thrown away. */
  #leaving = false
  /** Where the search for a line end goes on: bytes before it hold none. */
  #searched = 0

  constructor(stream: Duplex) {
    this.#stream = stream
    this.#attach(stream)
  }

  get stream(): Duplex {
    return this.#stream
  }
  get tls(): TLSSocket | undefined {
    const stream = this.#stream instanceof Deflated ? this.#stream.plain : this.#stream
    return stream instanceof TLSSocket ? stream : undefined
  }
  get isCompressed(): boolean {
    return this.#stream instanceof Deflated
  }
  /** The peer closed with FIN (or TLS close_notify), as opposed to a reset. */
  get endedCleanly(): boolean {
    return this.#clean && !this.#error
  }
  /** What broke the transport, if anything did. */
  get error(): Error | undefined {
    return this.#error
  }
  get isOpen(): boolean {
    return !this.#ended
  }
  get buffered(): Buffer {
    return this.#buffer
  }

  consume(count: number): void {
    this.#buffer = count === this.#buffer.length ? nothing : this.#buffer.subarray(count)
    this.#searched = 0
    if (this.#buffer.length < readHighWaterBytes && this.#stream.isPaused()) this.#stream.resume()
  }

  /** Octets that ever arrived on this transport and those before an upgrade. */
  get receivedBytes(): number {
    return this.#receivedBytes
  }

  /**
   * Waits until bytes arrive that were not there before. False at the end of the stream. Look at `buffered` first, without an
   * `await` between: what came before the call does not end the wait.
   */
  fill(deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false)
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#stream.isPaused()) this.#stream.resume()
    this.#arm(deadlineMs)
    this.#watch(signal)
    return new Promise((resolve, reject) => {
      this.#wake = resolve
      this.#reject = reject
    })
  }

  /** One line from what is buffered. An over-long one is swallowed to its end and reported once. */
  tryLine(limitBytes: number): Line {
    const at = this.#buffer.indexOf(lineFeed, this.#searched)
    if (at < 0) {
      this.#searched = this.#buffer.length
      if (this.#skipping || this.#buffer.length > limitBytes) {
        this.#skipping = true
        this.consume(this.#buffer.length)
      }
      return { kind: 'more' }
    }
    const hasCr = at > 0 && this.#buffer[at - 1] === carriageReturn
    const bytes = this.#buffer.subarray(0, hasCr ? at - 1 : at)
    const skipped = this.#skipping || at + 1 > limitBytes
    this.#skipping = false
    this.consume(at + 1)
    if (skipped) return { kind: 'too-long' }
    return { kind: 'line', bytes, bare: !hasCr || bytes.includes(carriageReturn) }
  }

  /** Waits for one line. Undefined at the end of the stream. */
  async line(limitBytes: number, deadlineMs: number, signal?: AbortSignal): Promise<Line | undefined> {
    for (;;) {
      const line = this.tryLine(limitBytes)
      if (line.kind !== 'more') return line
      if (!(await this.fill(deadlineMs, signal))) return undefined
    }
  }

  /**
   * Queues bytes; nothing is sent before `flush`. Strings are UTF-8. `taken`: the bytes may change from now on; never called
   * when the transport breaks before.
   */
  write(data: Uint8Array | string, taken?: () => void): void {
    this.#outgoing.push(data)
    this.#outgoingBytes += data.length
    if (taken) this.#taken.push(taken)
  }
  get unflushedBytes(): number {
    return this.#outgoingBytes
  }

  /** Hands what was queued to the transport in one piece and waits while the peer is slow to take it. */
  flush(deadlineMs = 60_000): Promise<void> {
    if (this.#outgoing.length === 0) return atOnce
    const pieces = this.#takeOutgoing()
    // a peer that has only closed its own direction still reads
    if (this.#error || this.#stream.destroyed || !this.#stream.writable)
      return Promise.reject(this.#error ?? new PeerGone('The peer closed the connection'))
    if (this.#send(pieces, this.#takeTaken()) || this.#stream.writableLength < writeHighWaterBytes) return atOnce
    return this.#drained(deadlineMs)
  }

  /**
   * Says goodbye and closes. Goes on reading (and throws away) until the peer closes too or the grace is over: closing on
   * unread bytes would send a reset, and the peer might lose our last words.
   */
  async end(graceMs = 2_000): Promise<void> {
    const pieces = this.#takeOutgoing()
    const stream = this.#stream
    if (!stream.destroyed) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, graceMs)
        const done = () => {
          clearTimeout(timer)
          resolve()
        }
        stream.once('close', done).once('error', done)
        this.#leaving = true
        if (stream.writable) {
          this.#send(pieces, this.#takeTaken())
          stream.end(() => (this.#ended ? done() : undefined))
        }
        if (this.#ended && !stream.writable) done()
        else stream.once('end', () => (stream.writableFinished ? done() : stream.once('finish', done)))
        this.#buffer = nothing
        stream.resume()
      })
    }
    this.destroy()
  }

  destroy(): void {
    this.#outgoing = []
    this.#outgoingBytes = 0
    this.#taken = []
    this.#release()
    this.#stream.destroy()
  }

  /**
   * To be called before the word that lets the peer begin TLS is written: what the peer sent before it is thrown away, what
   * it sends after it stays in the transport for `upgrade`, however soon it comes. Nothing is read in between.
   */
  prepareUpgrade(): void {
    this.#stream.off('data', this.#onData)
    this.#stream.pause()
    this.#dropBuffered()
  }

  /**
   * Replaces the transport, as STARTTLS and COMPRESS do. Whatever plaintext is still buffered is thrown away: a command
   * sent before the handshake must not be taken for one sent after it.
   */
  upgrade(wrap: (plain: Duplex) => Duplex): void {
    this.#detach(this.#stream)
    this.#dropBuffered()
    this.#stream = wrap(this.#stream)
    this.#attach(this.#stream)
  }

  /**
   * Gives the transport to somebody who reads and writes it by other means, with what was buffered and not consumed in front. It is paused.
   * Afterwards this object can only destroy it.
   */
  release(): Duplex {
    const stream = this.#stream
    this.#detach(stream)
    this.#release()
    if (this.#buffer.length > 0) stream.unshift(this.#buffer)
    this.#dropBuffered()
    return stream
  }

  #dropBuffered(): void {
    this.#buffer = nothing
    this.#searched = 0
    this.#skipping = false
  }

  /** Text stays text: the transport writes a short one without a buffer for it. Large pieces stay as they are, the others are joined. */
  #takeOutgoing(): readonly (Uint8Array | string)[] {
    const outgoing = this.#outgoing
    const isLarge = this.#outgoingBytes >= writeHighWaterBytes && outgoing.length <= maxPieces
    this.#outgoing = []
    this.#outgoingBytes = 0
    if (outgoing.length < 2 || isLarge) return outgoing
    if (outgoing.every(part => typeof part === 'string')) return [outgoing.join('')]
    return [Buffer.concat(outgoing.map(part => (typeof part === 'string' ? Buffer.from(part) : part)))]
  }

  #takeTaken(): Taken | undefined {
    const all = this.#taken
    if (all.length === 0) return undefined
    this.#taken = []
    return error => {
      if (!error) for (const taken of all) taken()
    }
  }

  /** In one system call where the transport can. False: it has enough for now. */
  #send(pieces: readonly (Uint8Array | string)[], taken: Taken | undefined): boolean {
    const [first] = pieces
    if (first === undefined) return true
    if (pieces.length === 1) return this.#stream.write(first, taken)
    this.#stream.cork()
    let takesMore = true
    const last = pieces.length - 1
    for (const [at, piece] of pieces.entries()) takesMore = this.#stream.write(piece, at === last ? taken : undefined)
    this.#stream.uncork()
    return takesMore
  }

  async #drained(deadlineMs: number): Promise<void> {
    const stream = this.#stream
    await new Promise<void>((resolve, reject) => {
      const done = (act: () => void) => {
        clearTimeout(timer)
        stream.off('drain', onDrain).off('close', onClose)
        act()
      }
      const onDrain = () => done(resolve)
      const onClose = () => done(() => reject(this.#error ?? new PeerGone('The peer closed the connection')))
      const timer = setTimeout(() => done(() => reject(new PeerTimeout('The peer takes nothing'))), deadlineMs)
      stream.on('drain', onDrain).on('close', onClose)
    })
  }

  #arm(deadlineMs: number): void {
    this.#dueAt = performance.now() + deadlineMs
    if (this.#timer && this.#timerAt <= this.#dueAt) return
    clearTimeout(this.#timer)
    this.#startTimer(deadlineMs)
  }
  #startTimer(ms: number): void {
    this.#timerAt = performance.now() + ms
    this.#timer = setTimeout(this.#onTimer, ms)
  }

  #watch(signal: AbortSignal | undefined): void {
    if (signal === this.#signal) return
    if (this.#signal) offAbort(this.#signal, this.#onAbort)
    this.#signal = signal
    if (signal) onAbort(signal, this.#onAbort)
  }

  #release(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#watch(undefined)
  }

  #tell(more: boolean): void {
    const wake = this.#wake
    this.#wake = undefined
    this.#reject = undefined
    wake?.(more)
  }
  #fail(error: unknown): void {
    const reject = this.#reject
    this.#wake = undefined
    this.#reject = undefined
    reject?.(error)
  }

  readonly #onTimer = () => {
    this.#timer = undefined
    if (!this.#reject) return
    const leftMs = this.#dueAt - performance.now()
    if (leftMs > 0) this.#startTimer(leftMs)
    else this.#fail(new PeerTimeout('The peer was silent for too long'))
  }
  readonly #onAbort = () => this.#fail(this.#signal?.reason)

  readonly #onData = (chunk: Buffer) => {
    if (this.#leaving) return
    this.#receivedBytes += chunk.length
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    if (this.#buffer.length >= readHighWaterBytes) this.#stream.pause()
    this.#tell(true)
  }
  readonly #onEnd = () => {
    this.#clean = true
    this.#ended = true
    this.#tell(false)
  }
  readonly #onClose = () => {
    this.#ended = true
    this.#tell(false)
    this.#release()
  }
  readonly #onError = (error: Error) => {
    this.#error ??= error
    this.#ended = true
    this.#tell(false)
    this.#release()
  }

  #attach(stream: Duplex): void {
    stream.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).on('error', this.#onError)
  }
  #detach(stream: Duplex): void {
    stream.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    // the error listener stays: an unheard error would end the process
    stream.pause()
  }
}
