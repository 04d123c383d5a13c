/**
 * One IMAP connection: read, parse, check state, run, reply; one catch.
 *
 * Invariants: requests run one after the other in the order they came, however many the peer has sent ahead. Untagged EXPUNGE
 * is never written while numbers in a request or its answer must keep their meaning. What was answered with OK is on disk.
 * Nothing the peer sends can make more be held than limits.ts and syntax/limits.ts say; every wait has a deadline. Passwords
 * and contents are in no log line.
 */
import { asciiText } from '#base/bytes.ts'
import { whenAborted } from '#base/when-aborted.ts'
import type { MailboxId } from '#mail/ids.ts'
import { PeerGone, PeerTimeout, type Connection } from '#net/connection.ts'
import type { ClientFacts } from '../mailbox-server.ts'
import { allowsExpunges, commandFor } from './commands.ts'
import { ConnectionPeer, Goodbye } from './connection-peer.ts'
import { switchedOff } from './extensions.ts'
import { badRequestLimit, failedLoginLimit, idleDeadlineMs, loginDeadlineMs } from './limits.ts'
import { failedLoginCodes } from './login.ts'
import { tellReached } from './news.ts'
import { tellSelected } from './notify/selected.ts'
import type { ImapOptions } from './options.ts'
import type { Received } from './receive.ts'
import { bad, no, Refused, type Reply } from './reply.ts'
import { gone, unauthenticated, type Session } from './session.ts'
import type { FramingLimits, RawRequest } from './syntax/framing.ts'
import { lineLimitBytes, literalLimitBytes, unauthenticatedLiteralLimitBytes } from './syntax/limits.ts'
import { parseRequest, type SyntaxProblem } from './syntax/parse-request.ts'
import { printText } from './syntax/print.ts'
import type { TaggedRequest } from './syntax/request.ts'
import { Teller } from './teller.ts'
import { usesNumbers } from './uid-only.ts'

/** Serves one connection to its end. `signal`: the server stops, say goodbye. Rejects only for our own faults. */
export async function serveImap(
  connection: Connection,
  facts: ClientFacts,
  options: ImapOptions,
  signal: AbortSignal,
): Promise<void> {
  using conversation = new Conversation(connection, facts, options, signal)
  await conversation.run()
}

const idleForTooLong = 'Autologout; idle for too long'

class Conversation {
  readonly #connection: Connection
  readonly #options: ImapOptions
  readonly #peer: ConnectionPeer
  readonly #serverStop: Disposable
  /** Of the connection, or of the wait for another login */
  #startedAt = performance.now()
  /** The budget holds also for one who sends an octet now and then, and so is never silent for long. */
  #loginTimer: NodeJS.Timeout
  #session: Session = unauthenticated
  #loginEnded: Disposable | undefined
  #badRequests = 0
  #failedLogins = 0
  readonly #onServerStop = () => this.#peer.leave('The server is shutting down')
  readonly #onLoginEnded = () => this.#peer.leave('This login has been ended')

  constructor(connection: Connection, facts: ClientFacts, options: ImapOptions, signal: AbortSignal) {
    this.#connection = connection
    this.#options = options
    this.#peer = new ConnectionPeer(connection, facts, options, () => this.#readDeadlineMs())
    this.#loginTimer = this.#startLoginTimer()
    this.#serverStop = whenAborted(signal, this.#onServerStop)
    if (signal.aborted) this.#onServerStop()
  }

  async run(): Promise<void> {
    try {
      this.#peer.output.write(
        `* OK [CAPABILITY ${this.#peer.capabilities('unauthenticated')}] ${this.#options.hostname} is ready\r\n`,
      )
      while (this.#session.kind !== 'gone') await this.#serveOne()
      await this.#leave(this.#session.goodbye)
    } catch (error) {
      await this.#onEnd(error)
    }
  }

  async #serveOne(): Promise<void> {
    const received = await this.#nextRequest()
    this.#peer.output.beginSlice()
    try {
      await this.#answer(received)
    } finally {
      await this.#peer.receiver.discardSpooled()
    }
    await this.#peer.upgrade()
  }

  /** Once NOTIFY has been said, news are told also while nothing is asked. */
  async #nextRequest(): Promise<Received> {
    const session = this.#session
    const limits = this.#limits()
    const watch = this.#peer.accountNews?.watch
    if (!watch || session.kind === 'unauthenticated' || session.kind === 'gone')
      return await this.#peer.receiver.next(limits, this.#readDeadlineMs())
    const teller = new Teller(session, this.#peer, { expunges: watch.selected?.immediate ?? false })
    const stop = () => teller.stop()
    return await this.#peer.receiver.next(limits, this.#readDeadlineMs(), stop).finally(stop)
  }

  async #answer(received: Received): Promise<void> {
    switch (received.kind) {
      case 'end':
        return this.#become(gone())
      case 'hopeless':
        return this.#become(gone(`[TOOBIG] ${received.why}`))
      case 'too-big':
        return this.#reply(tagOf(received.first), no('TOOBIG', 'This is larger than may be sent here'))
      case 'bare':
        this.#badRequest()
        return this.#peer.output.write('* BAD Lines end with CRLF\r\n')
      case 'request': {
        if (isEmpty(received.request)) return this.#badRequest()
        const parsed = parseRequest(received.request, this.#peer.enabled)
        return 'problem' in parsed ? this.#onProblem(parsed) : this.#run(parsed)
      }
      default:
        return received satisfies never
    }
  }

  #onProblem(problem: SyntaxProblem): void {
    this.#badRequest()
    this.#peer.log.debug('A request could not be parsed', { problem: problem.problem, position: problem.position })
    const text = `${problem.problem} (column ${problem.position + 1})`
    if (problem.tag === undefined) this.#peer.output.write(`* BAD ${printText(text)}\r\n`)
    else this.#reply(problem.tag, bad(text))
  }

  async #run({ tag, request }: TaggedRequest): Promise<void> {
    const missing = switchedOff(request, this.#peer.off)
    if (missing !== undefined) {
      this.#badRequest()
      return this.#reply(tag, bad(`${missing} is not offered to this client`))
    }
    const command = commandFor(request)
    if (!command.states.includes(this.#session.kind)) {
      this.#badRequest()
      return this.#reply(tag, bad(`${request.name} is not possible in this state`))
    }
    this.#badRequests = 0
    if (this.#peer.enabled.uidOnly && usesNumbers(request))
      return this.#reply(tag, bad('Message numbers are not used with UIDONLY', 'UIDREQUIRED'))
    const reply = await this.#attempt(() => command.run(request, this.#session, this.#peer, tag))
    if (reply.next) this.#become(reply.next)
    if (failedLoginCodes.has(reply.code ?? '')) this.#failedLogin()
    // a new mailbox has no news; in the old one they may have gathered while the command ran
    if (this.#session.kind === 'selected' && !reply.next) {
      const there = await tellSelected(this.#session, this.#peer, { expunges: allowsExpunges(request) })
      if (!there) this.#become(gone('The mailbox is gone'))
      else if (!allowsExpunges(request)) tellReached(this.#session.selected, this.#peer)
    }
    await this.#peer.accountNews?.tell(this.#peer, this.#selectedId)
    this.#reply(tag, reply)
  }

  get #selectedId(): MailboxId | undefined {
    return this.#session.kind === 'selected' ? this.#session.selected.mailbox.id : undefined
  }

  /** Refused → its reply; broken connection → the end; all else is our fault. */
  async #attempt(run: () => Promise<Reply> | Reply): Promise<Reply> {
    try {
      return await run()
    } catch (error) {
      if (error instanceof Refused) return error.reply
      if (isConnectionEnd(error, this.#connection)) throw error
      this.#peer.log.error('A command failed', { err: error })
      const ours = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
      return ours
        ? no('SERVERBUG', 'An error on our side')
        : no('UNAVAILABLE', 'This cannot be done now: try again later')
    }
  }

  #reply(tag: string, reply: Reply): void {
    const code = reply.code ? `[${reply.code}] ` : ''
    this.#peer.output.write(`${tag} ${reply.status} ${code}${printText(reply.text)}\r\n`)
  }

  #become(next: Session): void {
    const before = this.#session
    if (before.kind === 'selected' && (next.kind !== 'selected' || next.selected !== before.selected))
      before.selected[Symbol.dispose]()
    if (before.kind === 'unauthenticated' && next.kind === 'authenticated') {
      clearTimeout(this.#loginTimer)
      this.#loginEnded = whenAborted(next.login.ended, this.#onLoginEnded)
      if (next.login.ended.aborted) this.#onLoginEnded()
    }
    if (before.kind !== 'unauthenticated' && next.kind === 'unauthenticated') this.#forgetLogin()
    this.#session = next
  }

  /** Nothing of the one who was logged in stays: RFC 8437 §2. Failed logins go on being counted. */
  #forgetLogin(): void {
    this.#loginEnded?.[Symbol.dispose]()
    this.#loginEnded = undefined
    this.#peer.forget()
    this.#startedAt = performance.now()
    this.#loginTimer = this.#startLoginTimer()
  }

  #startLoginTimer(): NodeJS.Timeout {
    const { timeouts } = this.#options
    return setTimeout(() => this.#peer.leave(idleForTooLong), timeouts?.loginMs ?? loginDeadlineMs)
  }

  #badRequest(): void {
    this.#badRequests += 1
    if (this.#badRequests >= badRequestLimit) this.#peer.leave('Too many bad requests')
  }
  #failedLogin(): void {
    this.#failedLogins += 1
    if (this.#failedLogins >= failedLoginLimit) this.#peer.leave('Too many failed logins')
  }

  #limits(): FramingLimits {
    const known = this.#session.kind !== 'unauthenticated'
    return {
      lineBytes: lineLimitBytes,
      literalBytes: known ? literalLimitBytes : unauthenticatedLiteralLimitBytes,
      appendBytes: known ? this.#peer.appendLimitBytes : 0,
    }
  }

  /** One budget for all that comes before a login; after it each read begins anew. */
  #readDeadlineMs(): number {
    const { timeouts } = this.#options
    if (this.#session.kind !== 'unauthenticated') return timeouts?.idleMs ?? idleDeadlineMs
    return Math.max(1, (timeouts?.loginMs ?? loginDeadlineMs) - (performance.now() - this.#startedAt))
  }

  async #onEnd(error: unknown): Promise<void> {
    if (error instanceof Goodbye) return this.#leave(error.message)
    if (error instanceof PeerTimeout && this.#connection.isOpen) return this.#leave(idleForTooLong)
    this.#connection.destroy()
    if (isConnectionEnd(error, this.#connection)) this.#peer.log.debug('The connection broke', { err: error })
    else this.#peer.log.error('A session failed', { err: error })
  }

  async #leave(goodbye: string | undefined): Promise<void> {
    if (goodbye !== undefined) this.#peer.output.write(`* BYE ${goodbye}\r\n`)
    try {
      await this.#peer.output.flush()
      await this.#connection.end()
    } catch (error) {
      this.#peer.log.debug('The peer was gone before the goodbye', { err: error })
      this.#connection.destroy()
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#loginTimer)
    this.#peer[Symbol.dispose]()
    this.#serverStop[Symbol.dispose]()
    this.#loginEnded?.[Symbol.dispose]()
    if (this.#session.kind === 'selected') this.#session.selected[Symbol.dispose]()
  }
}

/** An empty line between requests, as some clients send after a literal: counted, but not worth an answer they would stumble over. */
function isEmpty({ segments }: RawRequest): boolean {
  return segments.length === 1 && segments[0]?.line.length === 0
}

function tagOf(line: Uint8Array): string {
  const tag = /^[!#$&',\-./0-9:;<=>?@A-Z[\]^_`a-z|}~]{1,100}(?= )/.exec(asciiText(line.subarray(0, 101)))
  return tag ? tag[0] : '*'
}

function isConnectionEnd(error: unknown, connection: Connection): boolean {
  return error instanceof Goodbye || error instanceof PeerGone || error instanceof PeerTimeout || !connection.isOpen
}
