/** Commands out of the stream: lines and the literals that they announce, within bounds. */
import type { Connection } from '#net/connection.ts'
import { maxSwallowedBytes } from './limits.ts'
import { lineLimitBytes, maxLiteralBytes, maxLiterals } from './syntax/limits.ts'
import { announcedBytes, type RequestPieces } from './syntax/tokens.ts'

export type ReadRequest =
  | { readonly kind: 'request'; readonly pieces: RequestPieces }
  /** It was read to its end and thrown away: the next command follows */
  | { readonly kind: 'script-too-large' }
  /** Nobody knows where the next command would begin */
  | { readonly kind: 'line' | 'literal' }

export type Reading = {
  /** Undefined: no scripts now */
  readonly maxScriptBytes: number | undefined
  readonly deadlineMs: () => number
  readonly signal: AbortSignal
  /** What was written is to leave before we wait, or when it is so much */
  readonly beforeWaiting: () => Promise<void>
  readonly flushBytes: number
}

export class RequestReader {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Undefined at the end of the stream. */
  async next(reading: Reading): Promise<ReadRequest | undefined> {
    if (this.#connection.unflushedBytes > reading.flushBytes) await reading.beforeWaiting()
    const pieces: Uint8Array[] = []
    let tooLarge = false
    for (;;) {
      const line = await this.#line(reading)
      if (!line) return undefined
      if (line.kind !== 'line') return { kind: 'line' }
      pieces.push(Uint8Array.from(line.bytes))
      const length = announcedBytes(line.bytes)
      if (length === undefined) return tooLarge ? { kind: 'script-too-large' } : { kind: 'request', pieces }
      if (pieces.length > 2 * maxLiterals) return { kind: 'literal' }
      const limit = Math.max(maxLiteralBytes, reading.maxScriptBytes ?? 0)
      if (length > limit) {
        if (reading.maxScriptBytes === undefined || length > maxSwallowedBytes) return { kind: 'literal' }
        tooLarge = true
      }
      const literal = await this.#octets(length, length <= limit && !tooLarge, reading)
      if (!literal) return undefined
      pieces.push(literal)
    }
  }

  async #line(reading: Reading) {
    for (;;) {
      reading.signal.throwIfAborted()
      const line = this.#connection.tryLine(lineLimitBytes)
      if (line.kind !== 'more') return line
      if (!(await this.#fill(reading))) return undefined
    }
  }

  /** What is not `kept` is thrown away as it comes. */
  async #octets(count: number, kept: boolean, reading: Reading): Promise<Uint8Array | undefined> {
    const octets = new Uint8Array(kept ? count : 0)
    for (let filled = 0; filled < count; ) {
      const { buffered } = this.#connection
      if (buffered.length === 0) {
        if (!(await this.#fill(reading))) return undefined
        continue
      }
      const part = buffered.subarray(0, count - filled)
      if (kept) octets.set(part, filled)
      filled += part.length
      this.#connection.consume(part.length)
    }
    return octets
  }

  async #fill(reading: Reading): Promise<boolean> {
    await reading.beforeWaiting()
    return this.#connection.fill(reading.deadlineMs(), reading.signal)
  }
}
