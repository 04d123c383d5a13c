/**
 * Commands and answers over one connection, without knowing what they mean.
 *
 * Invariants: commands are written one after the other and whole, so that order on the wire is the order of `#pending`; an
 * untagged response belongs to the oldest of these (RFC 9051 §5.5: whoever sends commands ahead sees to it that this makes
 * sense); the server is read only while something is owed, and not faster than responses are handled; the first thing that
 * goes wrong with the connection ends it, and fails all that waits or will come.
 */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { eachChunk } from '#formats/message-source.ts'
import { PeerGone, PeerTimeout, type Connection } from '#net/connection.ts'
import type { Literal, RawRequest, Segment } from '../syntax/framing.ts'
import { ConnectionBroken, ImapFailure, ServerBye, ServerNonsense, ServerSilent } from './failure.ts'
import { writeMs } from './limits.ts'
import { parseResponse } from './parse-response.ts'
import { Pending, type Taking } from './pending.ts'
import { ResponseReceiver } from './receive.ts'
import type { ImapAnswer, ServerLine, UntaggedResponse } from './response.ts'

/** `+ text`, or the command's tagged answer came instead */
export type Continuation = { readonly kind: 'go'; readonly text: string } | { readonly kind: 'over' }

export type ConversationOptions = {
  readonly signal?: AbortSignal | undefined
  readonly silenceMs: number
  /** The literal must wait for the server's word; asked anew for each. */
  readonly mustWait: (literal: Literal) => boolean
  /** Everything untagged, before anybody else sees it, and the codes of tagged answers */
  readonly onResponse: (response: UntaggedResponse | Extract<ServerLine, { kind: 'tagged' }>) => void
}

export class Conversation {
  readonly connection: Connection
  readonly #options: ConversationOptions
  readonly #receiver: ResponseReceiver
  readonly #pending: Pending[] = []
  #awaiting: { readonly command: Pending; readonly resolve: (continuation: Continuation) => void } | undefined
  #writing: Promise<unknown> = Promise.resolve()
  #reading = false
  #failure: { readonly reason: unknown } | undefined
  #bye: string | undefined
  #count = 0

  constructor(connection: Connection, options: ConversationOptions) {
    this.connection = connection
    this.#options = options
    this.#receiver = new ResponseReceiver(connection, options.signal)
  }

  /** Why nothing can be asked any more */
  get failure(): unknown {
    return this.#failure?.reason
  }

  async greeting(): Promise<UntaggedResponse> {
    try {
      const raw = await this.#receiver.next(this.#options.silenceMs, undefined)
      const line = parseResponse(raw)
      if (!line || line.kind === 'tagged' || line.kind === 'continuation')
        throw new ServerNonsense('The greeting is not that of an IMAP server')
      this.#options.onResponse(line)
      return line
    } catch (error) {
      throw this.fail(error)
    }
  }

  /** Writes the request when its turn has come. Resolves with any answer, NO and BAD too. */
  send(name: string, taking: Taking, print: (tag: string) => RawRequest): Promise<ImapAnswer> {
    return this.exchange(name, taking, async (command, talk) => {
      for (const { line, literal } of print(command.tag).segments) {
        if (!literal) {
          await talk.line(line)
          continue
        }
        const waits = this.#options.mustWait(literal)
        const announced = waits ? line : concatBytes([line.subarray(0, -1), utf8('+}')])
        if (!waits) this.connection.write(concatBytes([announced, crlf]))
        else if ((await talk.ask(announced)).kind === 'over') return
        await talk.literal(literal)
      }
    })
  }

  /** A command whose lines depend on what the server says between them. `talk` is of use until `act` resolves. */
  exchange(name: string, taking: Taking, act: (command: Pending, talk: Talk) => Promise<void>): Promise<ImapAnswer> {
    const command = new Pending(`h${++this.#count}`, name, taking)
    void this.inTurn(async () => {
      if (this.#failure) return command.failed(this.#failure.reason)
      this.#pending.push(command)
      try {
        await act(command, this.#talk(command))
      } catch (error) {
        this.fail(error)
      }
    })
    return command.answer
  }

  /** `act` runs when all that was asked before has been written; what is asked later waits for it. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#writing.then(act)
    this.#writing = result.catch(() => undefined)
    return result
  }

  /** A command after which the octets mean something else: it goes alone, and `change` runs before anything is read or written. */
  change(name: string, line: string, change: () => Promise<void> | void): Promise<ImapAnswer> {
    return this.inTurn(async () => {
      await Promise.allSettled(this.#pending.map(command => command.answer))
      if (this.#failure) throw this.#failure.reason
      const command = new Pending(`h${++this.#count}`, name, {})
      this.#pending.push(command)
      try {
        await this.#talk(command).line(`${command.tag} ${line}`)
        const answer = await command.answer
        if (answer.status === 'OK') await change()
        return answer
      } catch (error) {
        throw this.fail(error)
      }
    })
  }

  /** Ends the connection and whatever waits; gives the failure by its name. */
  fail(error: unknown): unknown {
    const reason = (this.#failure ??= { reason: this.#named(error) }).reason
    for (const command of this.#pending.splice(0)) command.failed(reason)
    this.#continue({ kind: 'over' })
    this.connection.destroy()
    return reason
  }

  #named(error: unknown): unknown {
    if (this.#options.signal?.aborted && error === this.#options.signal.reason) return error
    if (this.#bye !== undefined && !(error instanceof ServerNonsense))
      return new ServerBye(`The server said goodbye: ${this.#bye}`, { cause: error })
    if (error instanceof PeerTimeout) return new ServerSilent('The server takes nothing', { cause: error })
    if (error instanceof PeerGone) return new ConnectionBroken('The server closed the connection', { cause: error })
    if (error instanceof ImapFailure || !this.connection.error) return error
    return new ConnectionBroken(`The connection broke: ${this.connection.error.message}`, { cause: error })
  }

  #talk(command: Pending): Talk {
    const flush = async () => {
      this.#read()
      await this.connection.flush(writeMs)
      this.#receiver.sentAt = performance.now()
    }
    return {
      line: async line => {
        this.connection.write(typeof line === 'string' ? `${line}\r\n` : concatBytes([line, crlf]))
        await flush()
      },
      ask: async line => {
        if (!this.#pending.includes(command)) return { kind: 'over' }
        const continuation = new Promise<Continuation>(resolve => (this.#awaiting = { command, resolve }))
        this.connection.write(typeof line === 'string' ? `${line}\r\n` : concatBytes([line, crlf]))
        await flush()
        return await continuation
      },
      literal: async literal => {
        if (literal.kind === 'bytes') return this.connection.write(literal.bytes)
        let left = literal.source.sizeBytes
        await eachChunk(literal.source, async chunk => {
          left -= chunk.length
          if (left < 0) throw new Error('A message is longer than its size says')
          this.connection.write(chunk)
          await flush()
        })
        if (left > 0) throw new Error('A message is shorter than its size says')
      },
    }
  }

  #continue(continuation: Continuation): void {
    const awaiting = this.#awaiting
    this.#awaiting = undefined
    awaiting?.resolve(continuation)
  }

  /** Reads while anything is owed; one reader at a time. */
  #read(): void {
    if (this.#reading) return
    this.#reading = true
    void this.#readAll()
  }

  async #readAll(): Promise<void> {
    try {
      for (let first = this.#pending[0]; first && !this.#failure; first = this.#pending[0]) {
        const { sink, silenceMs } = first.taking
        const raw = await this.#receiver.next(silenceMs ?? this.#options.silenceMs, sink)
        try {
          await this.#take(parseResponse(raw), raw.heldBytes)
        } finally {
          for (const writer of raw.written) await writer.discard()
        }
      }
    } catch (error) {
      this.fail(error)
    }
    // in the same step as the last look at what is owed: a command that comes later starts a new reader
    this.#reading = false
  }

  async #take(line: ServerLine | undefined, heldBytes: number): Promise<void> {
    if (!line) throw new ServerNonsense('What came is no response')
    if (line.kind === 'continuation') {
      if (!this.#awaiting) throw new ServerNonsense('The server asks for more than was announced')
      return this.#continue({ kind: 'go', text: line.text })
    }
    this.#options.onResponse(line)
    if (line.kind === 'tagged') return this.#answer(line)
    if (line.kind === 'status' && line.status === 'BYE') this.#bye = line.text
    await this.#pending[0]?.take(line, heldBytes)
  }

  #answer({ tag, status, code, text }: Extract<ServerLine, { kind: 'tagged' }>): void {
    const at = this.#pending.findIndex(command => command.tag === tag)
    const [command] = at < 0 ? [] : this.#pending.splice(at, 1)
    if (!command) throw new ServerNonsense(`Nothing was asked under the tag ${tag.slice(0, 20)}`)
    if (this.#awaiting?.command === command) this.#continue({ kind: 'over' })
    command.answered({ status, code, text })
  }
}

export type Talk = {
  line(line: Uint8Array | string): Promise<void>
  /** The line, and what the server says to it */
  ask(line: Uint8Array | string): Promise<Continuation>
  /** Its bytes, as slowly as they are taken */
  literal(literal: NonNullable<Segment['literal']>): Promise<void>
}

const crlf = utf8('\r\n')
