/**
 * The other side of the protocol: for tests, and later for import and doctor. One command at a time; answers are whole lines
 * with their literals. Bounded by what its caller asks for; every read has a deadline.
 */
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { Connection } from '#net/connection.ts'
import { announcementAt, type RawRequest, type Segment } from './syntax/framing.ts'
import { printRequest } from './syntax/print-request.ts'
import type { FetchItem, Request, StoreRequest } from './syntax/request.ts'
import type { SequenceSet } from './syntax/sequence-set.ts'

const answerDeadlineMs = 60_000
const lineLimitBytes = 1024 * 1024
/** Literals of one response, all together */
const responseLimitBytes = 64 * 1024 * 1024

export type ImapResponse = {
  /** Text of the response with `{n}` where its literals stand */
  readonly text: string
  readonly literals: readonly Uint8Array[]
}

export type ImapAnswer = {
  readonly status: 'OK' | 'NO' | 'BAD'
  /** What follows the status: code and words */
  readonly text: string
  readonly untagged: readonly ImapResponse[]
}

/** A command was answered with NO or BAD, or not at all. */
export class ImapFailure extends Error {
  override readonly name = 'ImapFailure'
  readonly answer: ImapAnswer | undefined
  constructor(message: string, answer?: ImapAnswer) {
    super(message)
    this.answer = answer
  }
}

export class ImapClient {
  readonly #connection: Connection
  readonly #signal: AbortSignal | undefined
  #count = 0

  constructor(connection: Connection, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#signal = signal
  }

  /** Reads the greeting. */
  static async open(connection: Connection, options?: { readonly signal?: AbortSignal }): Promise<ImapClient> {
    const client = new ImapClient(connection, options?.signal)
    const greeting = await client.#response()
    if (!greeting.text.startsWith('* OK')) throw new ImapFailure(greeting.text)
    return client
  }

  login(user: string, password: string): Promise<ImapAnswer> {
    return this.run({ name: 'LOGIN', user: utf8(user), password: utf8(password) })
  }
  select(mailbox: string): Promise<ImapAnswer> {
    return this.run({ name: 'SELECT', mailbox, condstore: false, resync: undefined })
  }
  fetch(uids: SequenceSet, items: readonly FetchItem[]): Promise<ImapAnswer> {
    return this.run({
      name: 'FETCH',
      byUid: true,
      messages: uids,
      items,
      changedSince: undefined,
      vanished: false,
      partial: undefined,
    })
  }
  store(uids: SequenceSet, mode: StoreRequest['mode'], flags: readonly string[]): Promise<ImapAnswer> {
    const request = { name: 'STORE', byUid: true, messages: uids, unchangedSince: undefined, silent: false } as const
    return this.run({ ...request, mode, flags })
  }
  append(mailbox: string, message: MessageSource, flags: readonly string[] = []): Promise<ImapAnswer> {
    const literal = { kind: 'message', source: message, binary: false } as const
    return this.run({ name: 'APPEND', mailbox, messages: [{ flags, internalDate: undefined, message: literal }] })
  }
  async logout(): Promise<void> {
    await this.run({ name: 'LOGOUT' })
    await this.#connection.end()
  }

  /** Any request but IDLE, AUTHENTICATE and STARTTLS. Throws `ImapFailure` unless the answer is OK. */
  async run(request: Request): Promise<ImapAnswer> {
    const tag = this.#nextTag()
    const untagged: ImapResponse[] = []
    const refused = await this.#send(tag, printRequest({ tag, request }, { nonSynchronizing: false }), untagged)
    return this.#okay(refused ?? (await this.#answer(tag, untagged)), request.name)
  }

  /** IDLE until `stop` is aborted; each response is handed over as it comes. RFC 2177 */
  async idle(onResponse: (response: ImapResponse) => void, stop: AbortSignal): Promise<ImapAnswer> {
    const tag = this.#nextTag()
    this.#connection.write(`${tag} IDLE\r\n`)
    await this.#connection.flush()
    const first = await this.#response()
    if (!first.text.startsWith('+')) throw new ImapFailure(first.text)
    const done = () => {
      this.#connection.write('DONE\r\n')
      void this.#connection.flush().catch(() => undefined)
    }
    if (stop.aborted) done()
    else stop.addEventListener('abort', done, { once: true })
    for (;;) {
      const response = await this.#response()
      if (response.text.startsWith(`${tag} `)) return this.#okay(answerOf(response, tag, []), 'IDLE')
      onResponse(response)
    }
  }

  #nextTag(): string {
    this.#count += 1
    return `h${this.#count}`
  }

  /** Writes the request, waiting at each literal. Returns the tagged answer when the server refuses one. */
  async #send(tag: string, { segments }: RawRequest, untagged: ImapResponse[]): Promise<ImapAnswer | undefined> {
    for (const segment of segments) {
      this.#connection.write(concatBytes([segment.line, utf8('\r\n')]))
      await this.#connection.flush()
      if (!segment.literal) continue
      for (;;) {
        const response = await this.#response()
        if (response.text.startsWith('+')) break
        if (response.text.startsWith(`${tag} `)) return answerOf(response, tag, untagged)
        untagged.push(response)
      }
      await this.#sendLiteral(segment)
    }
    return undefined
  }

  async #sendLiteral({ literal }: Segment): Promise<void> {
    if (literal?.kind === 'bytes') this.#connection.write(literal.bytes)
    else if (literal)
      for await (const chunk of literal.source.open()) {
        this.#connection.write(chunk)
        await this.#connection.flush()
      }
  }

  async #answer(tag: string, untagged: ImapResponse[]): Promise<ImapAnswer> {
    for (;;) {
      const response = await this.#response()
      if (response.text.startsWith(`${tag} `)) return answerOf(response, tag, untagged)
      untagged.push(response)
    }
  }

  #okay(answer: ImapAnswer, name: string): ImapAnswer {
    if (answer.status !== 'OK') throw new ImapFailure(`${name}: ${answer.status} ${answer.text}`, answer)
    return answer
  }

  async #response(): Promise<ImapResponse> {
    let text = ''
    let left = responseLimitBytes
    const literals: Uint8Array[] = []
    for (;;) {
      const line = await this.#connection.line(lineLimitBytes, answerDeadlineMs, this.#signal)
      if (line?.kind !== 'line') throw new ImapFailure('The server closed the connection')
      text += asciiText(line.bytes)
      const announcement = announcementAt(line.bytes)
      if (!announcement) return { text, literals }
      left -= announcement.sizeBytes
      if (left < 0) throw new ImapFailure('The response is too large')
      literals.push(await this.#octets(announcement.sizeBytes))
    }
  }

  async #octets(sizeBytes: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    for (let left = sizeBytes; left > 0; ) {
      const chunk = this.#connection.buffered.subarray(0, left)
      if (chunk.length === 0) {
        const more = await this.#connection.fill(answerDeadlineMs, this.#signal)
        if (!more && this.#connection.buffered.length === 0) throw new ImapFailure('The server closed the connection')
        continue
      }
      this.#connection.consume(chunk.length)
      chunks.push(chunk)
      left -= chunk.length
    }
    return concatBytes(chunks)
  }
}

function answerOf(response: ImapResponse, tag: string, untagged: readonly ImapResponse[]): ImapAnswer {
  const match = /^(OK|NO|BAD) ?(.*)$/.exec(response.text.slice(tag.length + 1))
  if (!match) throw new ImapFailure(`No status: ${response.text}`)
  return { status: match[1] as ImapAnswer['status'], text: match[2] ?? '', untagged }
}
