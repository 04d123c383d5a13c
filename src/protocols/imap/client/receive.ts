/**
 * Responses off the wire, whole, with their literals in memory or in a sink.
 *
 * Invariants: what is held is bounded by limits.ts whatever the server announces; nothing is read ahead of who takes it; a
 * sink's writer is either finished or discarded.
 */
import { concatBytes } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { PeerTimeout, type Connection } from '#net/connection.ts'
import { announcementAt, type Literal, type RawRequest, type Segment } from '../syntax/framing.ts'
import { ConnectionBroken, ServerNonsense, ServerSilent } from './failure.ts'
import { lineLimitBytes, literalCountLimit, literalLimitBytes, streamedLimitBytes } from './limits.ts'

/** A body in a FETCH response that is about to come */
export type AnnouncedBody = { readonly message: number; readonly section: string; readonly sizeBytes: number }

/** `SpoolFile` of mail/spool.ts is one. `write` that resolves late slows the server down. */
export type BodyWriter = {
  write(bytes: Uint8Array): Promise<void> | void
  finish(): Promise<MessageSource> | MessageSource
  discard(): Promise<void> | void
}

/** Undefined: keep it in memory. */
export type BodySink = (body: AnnouncedBody) => Promise<BodyWriter | undefined> | BodyWriter | undefined

export type RawResponse = RawRequest & {
  /** As it came, what went to sinks not counted */
  readonly heldBytes: number
  /** To be discarded when the response has been handled */
  readonly written: readonly BodyWriter[]
}

export class ResponseReceiver {
  readonly #connection: Connection
  readonly #signal: AbortSignal | undefined
  /** When our side last made progress; while it does, silence is no wonder. Milliseconds of `performance.now()` */
  sentAt = 0

  constructor(connection: Connection, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#signal = signal
  }

  async next(silenceMs: number, sink: BodySink | undefined): Promise<RawResponse> {
    const response = new Arriving()
    try {
      for (;;) {
        const line = await this.#line(lineLimitBytes - response.lineBytes, silenceMs)
        const announcement = announcementAt(line)
        if (!announcement) return response.whole(line)
        response.announce(line)
        response.add(line, await this.#literal(response, line, announcement, silenceMs, sink))
      }
    } catch (error) {
      for (const writer of response.written) await writer.discard()
      throw error
    }
  }

  async #line(limitBytes: number, silenceMs: number): Promise<Uint8Array> {
    for (;;) {
      const heldBytes = this.#connection.buffered.length
      const line = this.#connection.tryLine(Math.max(1, limitBytes))
      if (line.kind === 'line') return line.bytes
      if (line.kind === 'too-long' || heldBytes > limitBytes)
        throw new ServerNonsense('A response is longer than we hold')
      await this.#more(silenceMs)
    }
  }

  async #literal(
    response: Arriving,
    line: Uint8Array,
    { sizeBytes, binary }: { readonly sizeBytes: number; readonly binary: boolean },
    silenceMs: number,
    sink: BodySink | undefined,
  ): Promise<Literal> {
    const body = sink && response.bodyAt(line, sizeBytes)
    const writer = body && (await sink(body))
    if (!writer) {
      response.hold(sizeBytes)
      const chunks: Uint8Array[] = []
      for await (const chunk of this.#octets(sizeBytes, silenceMs)) chunks.push(chunk)
      const bytes = concatBytes(chunks)
      return response.isBody(line)
        ? { kind: 'message', source: memorySource(bytes), binary }
        : { kind: 'bytes', bytes, binary }
    }
    response.written.push(writer)
    if (sizeBytes > streamedLimitBytes) throw new ServerNonsense('A message is larger than any we take')
    for await (const chunk of this.#octets(sizeBytes, silenceMs)) await writer.write(chunk)
    return { kind: 'message', source: await writer.finish(), binary }
  }

  async *#octets(sizeBytes: number, silenceMs: number): AsyncGenerator<Uint8Array> {
    for (let left = sizeBytes; left > 0; ) {
      const chunk = this.#connection.buffered.subarray(0, left)
      if (chunk.length === 0) {
        await this.#more(silenceMs)
        continue
      }
      this.#connection.consume(chunk.length)
      left -= chunk.length
      yield chunk
    }
  }

  async #more(silenceMs: number): Promise<void> {
    for (;;) {
      try {
        if (await this.#connection.fill(silenceMs, this.#signal)) return
        throw new ConnectionBroken('The server closed the connection', { cause: this.#connection.error })
      } catch (error) {
        if (!(error instanceof PeerTimeout)) throw error
        if (performance.now() - this.sentAt > silenceMs)
          throw new ServerSilent('The server says nothing', { cause: error })
      }
    }
  }
}

const fetchStart = /^\* (\d{1,10}) FETCH /i
const bodyEnd = /(?:(?:BODY|BINARY)\[([^\]]*)\](?:<\d+>)?|RFC822(?:\.(HEADER|TEXT))?) ~?\{\d+\+?\}$/i
/** A section's name and an announcement are not longer; a list of header names may be, and stays in memory then. */
const bodyEndBytes = 1_000

class Arriving {
  readonly #segments: Segment[] = []
  readonly written: BodyWriter[] = []
  #message: number | undefined
  lineBytes = 0
  #literalBytes = 0

  announce(line: Uint8Array): void {
    this.lineBytes += line.length
    if (this.#segments.length >= literalCountLimit) throw new ServerNonsense('A response has too many parts')
    if (this.#segments.length > 0) return
    const match = fetchStart.exec(Buffer.from(line.subarray(0, 32)).toString('latin1'))
    this.#message = match ? Number(match[1]) : undefined
  }

  isBody(line: Uint8Array): boolean {
    return this.bodyAt(line, 0) !== undefined
  }

  bodyAt(line: Uint8Array, sizeBytes: number): AnnouncedBody | undefined {
    if (this.#message === undefined) return undefined
    const match = bodyEnd.exec(Buffer.from(line.subarray(-bodyEndBytes)).toString('latin1'))
    return match
      ? { message: this.#message, section: (match[1] ?? match[2] ?? '').toUpperCase(), sizeBytes }
      : undefined
  }

  hold(sizeBytes: number): void {
    this.#literalBytes += sizeBytes
    if (this.#literalBytes > literalLimitBytes) throw new ServerNonsense('A response is larger than we hold')
  }

  add(line: Uint8Array, literal: Literal): void {
    this.#segments.push({ line, literal })
  }

  whole(line: Uint8Array): RawResponse {
    const heldBytes = this.lineBytes + line.length + this.#literalBytes
    return { segments: [...this.#segments, { line, literal: undefined }], heldBytes, written: this.written }
  }
}
