/** Requests off the wire: lines and literals, continuation requests, spooled messages. With server.ts the only file that awaits the peer. */
import { inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'
import { concatBytes, ownBytes } from '#base/bytes.ts'
import type { Spool, SpoolFile } from '#mail/spool.ts'
import type { Connection } from '#net/connection.ts'
import { literalDeadlineMs } from './limits.ts'
import type { ConnectionOutput } from './output.ts'
import {
  announcementAt,
  Framer,
  type FramingLimits,
  type Literal,
  type LiteralNeed,
  type RawRequest,
} from './syntax/framing.ts'
import { discardLimitBytes } from './syntax/limits.ts'

export type Received =
  | { readonly kind: 'request'; readonly request: RawRequest }
  /** Refuse with `[TOOBIG]`; `first` is the line that began the request */
  | { readonly kind: 'too-big'; readonly first: Uint8Array }
  /** Say BYE: what follows cannot be told from commands */
  | { readonly kind: 'hopeless'; readonly why: string }
  | { readonly kind: 'bare' }
  | { readonly kind: 'end' }

export class Receiver {
  readonly #connection: Connection
  readonly #output: ConnectionOutput
  readonly #spool: Spool
  readonly #signal: AbortSignal
  /** Holds all messages of the request that do not stay in memory */
  #spooled: SpoolFile | undefined
  /** Literals of the request in memory: several messages of one APPEND share what one may take */
  #heldBytes = 0

  constructor(connection: Connection, output: ConnectionOutput, spool: Spool, signal: AbortSignal) {
    this.#connection = connection
    this.#output = output
    this.#spool = spool
    this.#signal = signal
  }

  /** The next request, whole. `deadlineMs`: for its first line; `begun` is waited for when it has come, before anything is said. */
  async next(limits: FramingLimits, deadlineMs: number, begun?: () => Promise<void>): Promise<Received> {
    const framer = new Framer()
    this.#heldBytes = 0
    for (;;) {
      const line = await this.line(limits.lineBytes, framer.isFresh ? deadlineMs : literalDeadlineMs)
      if (framer.isFresh) await begun?.()
      if (line === undefined) return { kind: 'end' }
      if (line.kind === 'too-long') return { kind: 'hopeless', why: 'The line is too long' }
      if (line.bare) return { kind: 'bare' }
      // What went to the spool must not stay in memory all the same, behind the lines between
      const step = framer.line(this.#spooled ? ownBytes(line.bytes) : line.bytes, limits)
      if (step.kind === 'request') {
        await this.#spooled?.finish()
        return step
      }
      if (step.kind === 'too-big') return this.#refuse(step.first, step.literal)
      if (step.synchronizing) this.#output.write('+ Ready for the literal\r\n')
      const literal = await this.#literal(step)
      if (!literal) return { kind: 'end' }
      framer.literal(literal)
    }
  }

  /** Sends what was written before it waits. */
  async line(limitBytes: number, deadlineMs: number) {
    for (;;) {
      const line = this.#connection.tryLine(limitBytes + 2)
      if (line.kind !== 'more') return line
      if (!this.#output.isEmpty) await this.#output.flush()
      else if (!(await this.#connection.fill(deadlineMs, this.#signal))) return undefined
    }
  }

  /** The messages of the last request are no longer needed. */
  async discardSpooled(): Promise<void> {
    const spooled = this.#spooled
    this.#spooled = undefined
    await spooled?.discard()
  }

  /**
   * Literals that come all the same are thrown away up to the end of the request, within reason. RFC 7888 §4. All of it
   * counts together: a request of a million small ones must not be listened to for ever.
   */
  async #refuse(first: Uint8Array, literal: LiteralNeed | undefined): Promise<Received> {
    let next: Pick<LiteralNeed, 'sizeBytes' | 'synchronizing'> | undefined = literal
    for (let left = discardLimitBytes; next && !next.synchronizing; ) {
      left -= next.sizeBytes
      if (left < 0) return { kind: 'hopeless', why: 'The literal is too large' }
      for await (const _ of this.#octets(next.sizeBytes));
      const line = await this.line(left, literalDeadlineMs)
      if (line === undefined) return { kind: 'end' }
      if (line.kind === 'too-long') return { kind: 'hopeless', why: 'The line is too long' }
      if (line.bare) return { kind: 'bare' }
      left -= line.bytes.length
      next = announcementAt(line.bytes)
    }
    return { kind: 'too-big', first }
  }

  async #literal(need: LiteralNeed): Promise<Literal | undefined> {
    const large = this.#heldBytes + need.sizeBytes > inMemoryLimitBytes
    const source = need.message && large ? await this.#toSpool(need) : await this.#toMemory(need)
    if (source?.place.kind === 'memory') this.#heldBytes += need.sizeBytes
    if (!source) return undefined
    if (need.message) return { kind: 'message', source, binary: need.binary }
    return source.place.kind === 'memory'
      ? { kind: 'bytes', bytes: source.place.bytes, binary: need.binary }
      : undefined
  }

  async #toMemory(need: LiteralNeed): Promise<MessageSource | undefined> {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of this.#octets(need.sizeBytes)) {
      chunks.push(chunk)
      length += chunk.length
    }
    return length === need.sizeBytes ? memorySource(concatBytes(chunks)) : undefined
  }

  async #toSpool(need: LiteralNeed): Promise<MessageSource | undefined> {
    this.#spooled ??= await this.#spool.create()
    const file = this.#spooled
    let length = 0
    for await (const chunk of this.#octets(need.sizeBytes)) {
      await file.write(chunk)
      length += chunk.length
    }
    return length === need.sizeBytes ? file.endMessage() : undefined
  }

  /** So many octets as they come; fewer only when the peer leaves. */
  async *#octets(sizeBytes: number): AsyncGenerator<Uint8Array> {
    for (let left = sizeBytes; left > 0; ) {
      const { buffered } = this.#connection
      if (buffered.length === 0) {
        if (!this.#output.isEmpty) await this.#output.flush()
        else if (!(await this.#connection.fill(literalDeadlineMs, this.#signal))) return
        continue
      }
      const chunk = buffered.subarray(0, left)
      this.#connection.consume(chunk.length)
      left -= chunk.length
      yield chunk
    }
  }
}
