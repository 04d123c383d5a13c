/** A WebSocket as messages with bounds: what is sent is taken in time, what comes waits in the network while we are busy. */
import type { WebSocket } from 'ws'
import { answerMs, webSocketCloseMs, webSocketPingMs } from '../limits.ts'

/** RFC 6455 §7.4.1 */
export const closeCodes = { goingAway: 1001, unsupportedData: 1003, policyViolation: 1008 } as const

export class Line implements Disposable {
  readonly #socket: WebSocket
  readonly #waiting: Buffer[] = []
  readonly #closed = new AbortController()
  readonly #pings: NodeJS.Timeout
  #answered = true
  #wake: (() => void) | undefined

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.binaryType = 'nodebuffer'
    socket.on('message', (data: Buffer, isBinary) => this.#take(data, isBinary))
    socket.on('pong', () => (this.#answered = true))
    // ws closes by itself with the right code: too large, not UTF-8, a frame that is none
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#closed.abort()
      this.#wake?.()
    })
    this.#pings = setInterval(() => this.#ping(), webSocketPingMs)
  }

  /** The peer has left, or was left. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** The next message; undefined when there will be none. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const message = this.#waiting.shift()
      if (message) return message
      if (this.closed.aborted || this.#socket.readyState !== this.#socket.OPEN) return undefined
      this.#socket.resume()
      await new Promise<void>(resolve => (this.#wake = resolve))
      this.#wake = undefined
    }
  }

  /** False: the peer has left, or took nothing for too long and was left. */
  async send(message: object): Promise<boolean> {
    if (this.#socket.readyState !== this.#socket.OPEN) return false
    const timer = setTimeout(() => this.#socket.terminate(), answerMs)
    try {
      return await new Promise<boolean>(resolve =>
        this.#socket.send(JSON.stringify(message), error => resolve(error === undefined || error === null)),
      )
    } finally {
      clearTimeout(timer)
    }
  }

  /** Says why; the peer's answer is waited for, but not for ever. */
  close(code: number, reason: string): void {
    if (this.#socket.readyState > this.#socket.OPEN) return
    this.#socket.close(code, reason)
    this.#wake?.()
    const timer = setTimeout(() => this.#socket.terminate(), webSocketCloseMs)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (isBinary) return this.close(closeCodes.unsupportedData, 'JMAP is text')
    // one at a time: what the parser has already is at most one read of the socket
    this.#socket.pause()
    this.#answered = true
    this.#waiting.push(data)
    this.#wake?.()
  }

  /** A peer whose pongs wait behind messages that we have not read yet is no dead one. */
  #ping(): void {
    if (!this.#answered && !this.#socket.isPaused) return this.#socket.terminate()
    this.#answered = false
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pings)
    this.#socket.terminate()
  }
}
