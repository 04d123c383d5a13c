/**
 * One IMAP connection: read, parse, check state, run, reply; one catch.
 *
 * Invariants: requests run one after the other in the order they came, however many the peer has sent ahead. Untagged EXPUNGE
 * is never written while numbers in a request or its answer must keep their meaning. What was answered with OK is on disk.
 * Nothing the peer sends can make more be held than limits.ts and syntax/limits.ts say; every wait has a deadline. Passwords
 * and contents are in no log line.
 */
import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { asciiText, emptyBytes } from '#base/bytes.ts'
import type { Log } from '#base/log.ts'
import { whenAborted } from '#base/when-aborted.ts'
import type { Account, Accounts } from '#mail/account.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { Authenticator, LoginAttempt } from '#mail/auth.ts'
import { silentEvents, type Events } from '#mail/events.ts'
import type { QuotaKeeper } from '#mail/quotas.ts'
import type { Spool } from '#mail/spool.ts'
import { PeerGone, PeerTimeout, type Connection } from '#net/connection.ts'
import { Deflated } from '#net/deflated.ts'
import { secureAsServer } from '#net/handshake.ts'
import type { ClientFacts, MailboxServerOptions } from '../mailbox-server.ts'
import { AccountNews } from './account-news.ts'
import { capabilityList } from './capabilities.ts'
import { quirksOf, type ClientQuirk } from './client-quirks.ts'
import { allowsExpunges, commandFor } from './commands.ts'
import { switchedOff } from './extensions.ts'
import {
  badRequestLimit,
  failedLoginLimit,
  idleDeadlineMs,
  loginDeadlineMs,
  progressMs,
  tlsHandshakeMs,
} from './limits.ts'
import { mechanismsOffered } from './mechanisms.ts'
import { tellReached } from './news.ts'
import { tellSelected } from './notify/selected.ts'
import { ConnectionOutput } from './output.ts'
import type { Peer } from './peer.ts'
import { Progress, silence, timerTicks, type Ticks } from './progress.ts'
import { Receiver, type Received } from './receive.ts'
import { bad, no, Refused, type Reply } from './reply.ts'
import { gone, unauthenticated, type Session } from './session.ts'
import type { FramingLimits, RawRequest } from './syntax/framing.ts'
import {
  appendLimitBytes,
  lineLimitBytes,
  literalLimitBytes,
  unauthenticatedLiteralLimitBytes,
} from './syntax/limits.ts'
import { parseRequest, type SyntaxProblem } from './syntax/parse-request.ts'
import { Teller } from './teller.ts'
import { printText } from './syntax/print.ts'
import { usesNumbers } from './uid-only.ts'
import type { IdParameter, TaggedRequest } from './syntax/request.ts'

export type ImapOptions = MailboxServerOptions & {
  readonly quotas: QuotaKeeper
  /** For messages by APPEND over 1 MiB while they arrive */
  readonly spool: Spool
  /** What clients are not offered, by what they say they are */
  readonly quirks?: readonly ClientQuirk[]
  readonly appendLimitBytes?: number
  /** Tests make time pass */
  readonly ticks?: Ticks
}

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

const nothingEnabled = { condstore: false, qresync: false, rev2: false, utf8Accept: false, uidOnly: false }

/** Why reading ends although the peer is there: said in a BYE. */
class Goodbye extends Error {
  override readonly name = 'Goodbye'
}

class Conversation implements Peer {
  readonly #connection: Connection
  readonly #options: ImapOptions
  readonly #facts: ClientFacts
  readonly id = randomBytes(6).toString('hex')
  readonly #abort = new AbortController()
  readonly #serverStop: Disposable
  readonly #receiver: Receiver
  /** Of the connection, or of the wait for another login */
  #startedAt = performance.now()
  /** The budget holds also for one who sends an octet now and then, and so is never silent for long. */
  #loginTimer: NodeJS.Timeout
  #session: Session = unauthenticated
  #loginEnded: Disposable | undefined
  #badRequests = 0
  #failedLogins = 0
  #startTlsWanted = false
  /** Capabilities that this client is not offered, upper case. It says itself what it is, so this outlives its logins. */
  #off: ReadonlySet<string> = new Set()
  #compressWanted = false
  readonly output: ConnectionOutput
  readonly progress: Progress
  readonly log: Log
  readonly enabled = { ...nothingEnabled }
  accountNews: AccountNews | undefined
  readonly #onServerStop = () => this.#abort.abort(new Goodbye('The server is shutting down'))
  readonly #onLoginEnded = () => this.#abort.abort(new Goodbye('This login has been ended'))

  constructor(connection: Connection, facts: ClientFacts, options: ImapOptions, signal: AbortSignal) {
    this.#connection = connection
    this.#facts = facts
    this.#options = options
    this.log = options.log.with({ session: this.id, client: facts.clientAddress })
    this.output = new ConnectionOutput(connection, this.#abort.signal)
    const ticks = options.ticks ?? timerTicks
    const told: Ticks = (everyMs, tick) => (this.#off.has('INPROGRESS') ? silence : ticks(everyMs, tick))
    this.progress = new Progress(this, progressMs, told)
    this.#receiver = new Receiver(connection, this.output, options.spool, this.#abort.signal)
    this.#loginTimer = this.#startLoginTimer()
    this.#serverStop = whenAborted(signal, this.#onServerStop)
    if (signal.aborted) this.#onServerStop()
  }

  async run(): Promise<void> {
    try {
      this.output.write(
        `* OK [CAPABILITY ${this.capabilities('unauthenticated')}] ${this.#options.hostname} is ready\r\n`,
      )
      while (this.#session.kind !== 'gone') await this.#serveOne()
      await this.#leave(this.#session.goodbye)
    } catch (error) {
      await this.#onEnd(error)
    }
  }

  async #serveOne(): Promise<void> {
    const received = await this.#nextRequest()
    this.output.beginSlice()
    try {
      await this.#answer(received)
    } finally {
      await this.#receiver.discardSpooled()
    }
    if (this.#startTlsWanted) await this.#secure()
    if (this.#compressWanted) await this.#deflate()
  }

  /** Once NOTIFY has been said, news are told also while nothing is asked. */
  async #nextRequest(): Promise<Received> {
    const session = this.#session
    const limits = this.#limits()
    const watch = this.accountNews?.watch
    if (!watch || session.kind === 'unauthenticated' || session.kind === 'gone')
      return await this.#receiver.next(limits, this.#readDeadlineMs())
    const teller = new Teller(session, this, { expunges: watch.selected?.immediate ?? false })
    const stop = () => teller.stop()
    return await this.#receiver.next(limits, this.#readDeadlineMs(), stop).finally(stop)
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
        return this.output.write('* BAD Lines end with CRLF\r\n')
      case 'request': {
        if (isEmpty(received.request)) return this.#badRequest()
        const parsed = parseRequest(received.request, this.enabled)
        return 'problem' in parsed ? this.#onProblem(parsed) : this.#run(parsed)
      }
      default:
        return received satisfies never
    }
  }

  #onProblem(problem: SyntaxProblem): void {
    this.#badRequest()
    this.log.debug('A request could not be parsed', { problem: problem.problem, position: problem.position })
    const text = `${problem.problem} (column ${problem.position + 1})`
    if (problem.tag === undefined) this.output.write(`* BAD ${printText(text)}\r\n`)
    else this.#reply(problem.tag, bad(text))
  }

  async #run({ tag, request }: TaggedRequest): Promise<void> {
    const missing = switchedOff(request, this.#off)
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
    if (this.enabled.uidOnly && usesNumbers(request))
      return this.#reply(tag, bad('Message numbers are not used with UIDONLY', 'UIDREQUIRED'))
    const reply = await this.#attempt(() => command.run(request, this.#session, this, tag))
    if (reply.next) this.#become(reply.next)
    if (reply.code === 'AUTHENTICATIONFAILED') this.#failedLogin()
    // a new mailbox has no news; in the old one they may have gathered while the command ran
    if (this.#session.kind === 'selected' && !reply.next) {
      const there = await tellSelected(this.#session, this, { expunges: allowsExpunges(request) })
      if (!there) this.#become(gone('The mailbox is gone'))
      else if (!allowsExpunges(request)) tellReached(this.#session.selected, this)
    }
    await this.accountNews?.tell(this, this.#selectedId)
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
      this.log.error('A command failed', { err: error })
      const ours = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
      return ours
        ? no('SERVERBUG', 'An error on our side')
        : no('UNAVAILABLE', 'This cannot be done now: try again later')
    }
  }

  #reply(tag: string, reply: Reply): void {
    const code = reply.code ? `[${reply.code}] ` : ''
    this.output.write(`${tag} ${reply.status} ${code}${printText(reply.text)}\r\n`)
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
    Object.assign(this.enabled, nothingEnabled)
    this.#stopListening()
    this.#startedAt = performance.now()
    this.#loginTimer = this.#startLoginTimer()
  }

  #stopListening(): void {
    this.accountNews?.[Symbol.dispose]()
    this.accountNews = undefined
  }

  #startLoginTimer(): NodeJS.Timeout {
    const { timeouts } = this.#options
    return setTimeout(() => this.leave(idleForTooLong), timeouts?.loginMs ?? loginDeadlineMs)
  }

  #badRequest(): void {
    this.#badRequests += 1
    if (this.#badRequests >= badRequestLimit) this.#abort.abort(new Goodbye('Too many bad requests'))
  }
  #failedLogin(): void {
    this.#failedLogins += 1
    if (this.#failedLogins >= failedLoginLimit) this.#abort.abort(new Goodbye('Too many failed logins'))
  }

  #limits(): FramingLimits {
    const known = this.#session.kind !== 'unauthenticated'
    return {
      lineBytes: lineLimitBytes,
      literalBytes: known ? literalLimitBytes : unauthenticatedLiteralLimitBytes,
      appendBytes: known ? this.appendLimitBytes : 0,
    }
  }

  /** One budget for all that comes before a login; after it each read begins anew. */
  #readDeadlineMs(): number {
    const { timeouts } = this.#options
    if (this.#session.kind !== 'unauthenticated') return timeouts?.idleMs ?? idleDeadlineMs
    return Math.max(1, (timeouts?.loginMs ?? loginDeadlineMs) - (performance.now() - this.#startedAt))
  }

  async #secure(): Promise<void> {
    this.#startTlsWanted = false
    const { tls } = this.#options
    if (!tls) return
    this.#connection.prepareUpgrade()
    await this.output.flush()
    await secureAsServer(this.#connection, tls(), tlsHandshakeMs)
  }

  /** RFC 4978 §3: the client sends nothing between its command and our reply; if it does, that is thrown away. */
  async #deflate(): Promise<void> {
    this.#compressWanted = false
    this.#connection.prepareUpgrade()
    await this.output.flush()
    this.#connection.upgrade(plain => new Deflated(plain))
  }

  async #onEnd(error: unknown): Promise<void> {
    if (error instanceof Goodbye) return this.#leave(error.message)
    if (error instanceof PeerTimeout && this.#connection.isOpen) return this.#leave(idleForTooLong)
    this.#connection.destroy()
    if (isConnectionEnd(error, this.#connection)) this.log.debug('The connection broke', { err: error })
    else this.log.error('A session failed', { err: error })
  }

  async #leave(goodbye: string | undefined): Promise<void> {
    if (goodbye !== undefined) this.output.write(`* BYE ${goodbye}\r\n`)
    try {
      await this.output.flush()
      await this.#connection.end()
    } catch (error) {
      this.log.debug('The peer was gone before the goodbye', { err: error })
      this.#connection.destroy()
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#loginTimer)
    this.#stopListening()
    this.#serverStop[Symbol.dispose]()
    this.#loginEnded?.[Symbol.dispose]()
    if (this.#session.kind === 'selected') this.#session.selected[Symbol.dispose]()
  }

  // What commands see of all this: the members of Peer.

  get accounts(): Accounts {
    return this.#options.accounts
  }
  get quotas(): QuotaKeeper {
    return this.#options.quotas
  }

  get authenticator(): Authenticator {
    return this.#options.authenticator
  }
  get events(): Events {
    return this.#options.events ?? silentEvents
  }
  get hostname(): string {
    return this.#options.hostname
  }
  get signal(): AbortSignal {
    return this.#abort.signal
  }
  get tls(): TLSSocket | undefined {
    return this.#connection.tls
  }
  get canStartTls(): boolean {
    return this.#options.tls !== undefined && !this.tls && !this.compressed
  }
  get mayLogIn(): boolean {
    return this.tls !== undefined || (this.#options.allowPlaintextLogin ?? false)
  }
  get appendLimitBytes(): number {
    return this.#options.appendLimitBytes ?? appendLimitBytes
  }
  get mechanisms(): readonly string[] {
    const names = this.mayLogIn ? mechanismsOffered(this) : []
    return names.filter(name => !this.#off.has(`AUTH=${name}`))
  }

  offers(capability: string): boolean {
    return !this.#off.has(capability.toUpperCase())
  }

  capabilities(state: 'unauthenticated' | 'authenticated'): string {
    return capabilityList(state, {
      secure: this.tls !== undefined,
      canStartTls: this.canStartTls,
      mayLogIn: this.mayLogIn,
      mechanisms: this.mechanisms,
      appendLimitBytes: this.appendLimitBytes,
      compressed: this.compressed,
      off: this.#off,
    })
  }

  identify(parameters: readonly IdParameter[] | undefined): boolean {
    const before = this.#off
    const quirks = quirksOf(this.#options.quirks ?? [], parameters)
    this.#off = new Set(quirks.flatMap(({ off }) => off.map(name => name.toUpperCase())))
    for (const { client, version, off, reason } of quirks)
      this.log.info('Capabilities are switched off for this client', { rule: { client, version }, off, reason })
    return before.symmetricDifference(this.#off).size > 0
  }

  attempt(mechanism: string): LoginAttempt {
    return { clientAddress: this.#facts.clientAddress, protocol: 'imap', mechanism, session: this.id }
  }

  startTls(): void {
    this.#startTlsWanted = true
  }

  get compressed(): boolean {
    return this.#connection.isCompressed
  }

  compress(): void {
    this.#compressWanted = true
  }

  async ask(text: string): Promise<Uint8Array | undefined> {
    this.output.write(`+ ${text}\r\n`)
    const line = await this.#receiver.line(lineLimitBytes, this.#readDeadlineMs())
    if (line?.kind !== 'line') return undefined
    return line.bare ? emptyBytes : line.bytes
  }

  listen(account: Account): AccountNews {
    return (this.accountNews ??= new AccountNews(account, this.id))
  }

  leave(goodbye: string): void {
    this.#abort.abort(new Goodbye(goodbye))
  }

  flush(): Promise<void> {
    return this.output.flush()
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
