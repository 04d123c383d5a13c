/** Requests off the wire: lines and literals, continuation requests, spooled messages. With server.ts the only file that awaits the peer. */
import { inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'
import { concatBytes } from '#base/bytes.ts'
import type { Spool, SpoolFile } from '#mail/spool.ts'
import type { Connection } from '#net/connection.ts'
import { literalDeadlineMs } from './limits.ts'
import type { ConnectionOutput } from './output.ts'
import { Framer, type FramingLimits, type Literal, type LiteralNeed, type RawRequest } from './syntax/framing.ts'
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
  #spooled: SpoolFile[] = []

  constructor(connection: Connection, output: ConnectionOutput, spool: Spool, signal: AbortSignal) {
    this.#connection = connection
    this.#output = output
    this.#spool = spool
    this.#signal = signal
  }

  /** The next request, whole. `deadlineMs`: for its first line. */
  async next(limits: FramingLimits, deadlineMs: number): Promise<Received> {
    const framer = new Framer()
    for (;;) {
      const line = await this.line(limits.lineBytes, framer.isFresh ? deadlineMs : literalDeadlineMs)
      if (line === undefined) return { kind: 'end' }
      if (line.kind === 'too-long') return { kind: 'hopeless', why: 'The line is too long' }
      if (line.bare) return { kind: 'bare' }
      const step = framer.line(line.bytes, limits)
      if (step.kind === 'request') return step
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
    if (this.#spooled.length === 0) return
    const spooled = this.#spooled
    this.#spooled = []
    await Promise.all(spooled.map(file => file.discard()))
  }

  /** A literal that comes all the same is thrown away, within reason. RFC 7888 §4 */
  async #refuse(first: Uint8Array, literal: LiteralNeed | undefined): Promise<Received> {
    if (!literal || literal.synchronizing) return { kind: 'too-big', first }
    if (literal.sizeBytes > discardLimitBytes) return { kind: 'hopeless', why: 'The literal is too large' }
    for await (const _ of this.#octets(literal.sizeBytes));
    const rest = await this.next({ lineBytes: discardLimitBytes, literalBytes: 0, appendBytes: 0 }, literalDeadlineMs)
    return rest.kind === 'request' || rest.kind === 'too-big' ? { kind: 'too-big', first } : rest
  }

  async #literal(need: LiteralNeed): Promise<Literal | undefined> {
    const source =
      need.message && need.sizeBytes > inMemoryLimitBytes ? await this.#toSpool(need) : await this.#toMemory(need)
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
    const file = await this.#spool.create()
    this.#spooled.push(file)
    let length = 0
    for await (const chunk of this.#octets(need.sizeBytes)) {
      await file.write(chunk)
      length += chunk.length
    }
    return length === need.sizeBytes ? file.finish() : undefined
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
