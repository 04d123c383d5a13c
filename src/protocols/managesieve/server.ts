/**
 * One ManageSieve connection: read, parse, run, reply; one catch. RFC 5804
 *
 * Invariants: commands run one after the other, however many were sent ahead; a script is kept only when it was checked; every wait
 * has a deadline, every literal a bound; passwords and scripts are in no log line.
 */
import { randomBytes } from 'node:crypto'
import type { Log } from '#base/log.ts'
import { whenAborted } from '#base/when-aborted.ts'
import { type Language, say, type Text } from '#base/text.ts'
import type { Authenticator, AuthResult, Login, LoginAttempt } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Scripts } from '#mail/scripts.ts'
import { type Connection, PeerGone, PeerTimeout } from '#net/connection.ts'
import { secureAsServer } from '#net/handshake.ts'
import type { ClientFacts, MailboxServerOptions } from '../mailbox-server.ts'
import { type ChannelBinding, channelBindingOf } from '../sasl/channel-binding.ts'
import type { Features, Peer } from './command.ts'
import { runCommand } from './commands.ts'
import { writeCapabilities } from './commands/connection.ts'
import { badRequestLimit, failedLoginLimit, flushBytes, idleMs, loginMs, tlsHandshakeMs, writeMs } from './limits.ts'
import { RequestReader } from './request-reader.ts'
import { gone, type Session, unauthenticated } from './session.ts'
import { parseRequest, parseResponse, type RequestProblem } from './syntax/request.ts'
import { printStatus, type ResponseCode } from './syntax/response.ts'
import { texts, throttledText, tooLargeText } from './texts.ts'

export type ManageSieveOptions = Omit<MailboxServerOptions, 'accounts' | 'events'> & {
  readonly scripts: Scripts
  readonly features: Features
  /** Octets of one script */
  readonly maxScriptBytes: number
  /** The user's; English when absent */
  languageOf?(account: AccountId): Promise<Language>
}

/** Serves one connection to its end. `signal`: the server stops. Rejects only for our own faults. */
export async function serveManageSieve(
  connection: Connection,
  facts: ClientFacts,
  options: ManageSieveOptions,
  signal: AbortSignal,
): Promise<void> {
  using conversation = new Conversation(connection, facts, options, signal)
  await conversation.run()
}

/** Why we end although the peer is there: said in a BYE. */
class Goodbye extends Error {
  override readonly name = 'Goodbye'
  readonly text: Text
  readonly code: ResponseCode | undefined
  constructor(text: Text, code?: ResponseCode) {
    super(text.en)
    this.text = text
    this.code = code
  }
}

const problemTexts: Readonly<Record<RequestProblem['what'], Text>> = {
  unknown: texts.unknownCommand,
  arguments: texts.badArguments,
  syntax: texts.badSyntax,
  'not-utf8': texts.notUtf8,
}

class Conversation implements Peer, Disposable {
  readonly #connection: Connection
  readonly #options: ManageSieveOptions
  readonly #reader: RequestReader
  readonly #serverStop: Disposable
  readonly #abort = new AbortController()
  #loginFrom = performance.now()
  /** The budget holds also for one who sends an octet now and then, and so is never silent for long. */
  #loginTimer: NodeJS.Timeout
  #loginEnded: Disposable | undefined
  #session: Session = unauthenticated
  #failedLogins = 0
  #badRequests = 0
  readonly log: Log
  readonly attempt: Omit<LoginAttempt, 'mechanism'>
  readonly #onStop = () => this.#abort.abort(new Goodbye(texts.shuttingDown, 'TRYLATER'))
  readonly #onLoginEnded = () => this.#abort.abort(new Goodbye(texts.loginEnded))

  constructor(connection: Connection, facts: ClientFacts, options: ManageSieveOptions, signal: AbortSignal) {
    const session = randomBytes(6).toString('hex')
    this.#connection = connection
    this.#options = options
    this.#reader = new RequestReader(connection)
    this.log = options.log.with({ session, client: facts.clientAddress })
    this.attempt = { clientAddress: facts.clientAddress, protocol: 'managesieve', session }
    const late = () => this.#abort.abort(new Goodbye(texts.silentTooLong))
    this.#loginTimer = setTimeout(late, options.timeouts?.loginMs ?? loginMs)
    this.#serverStop = whenAborted(signal, this.#onStop)
    if (signal.aborted) this.#onStop()
  }

  get scripts(): Scripts {
    return this.#options.scripts
  }
  get features(): Features {
    return this.#options.features
  }
  get authenticator(): Authenticator {
    return this.#options.authenticator
  }
  get encrypted(): boolean {
    return this.#connection.tls !== undefined
  }
  get channelBinding(): ChannelBinding | undefined {
    return this.#connection.tls && channelBindingOf(this.#connection.tls, 'server')
  }
  get mayLogIn(): boolean {
    return this.encrypted || this.#options.allowPlaintextLogin === true
  }
  get mayStartTls(): boolean {
    return this.#options.tls !== undefined && !this.encrypted
  }

  async run(): Promise<void> {
    try {
      writeCapabilities(this.#session, this)
      this.ok({ en: `${this.#options.hostname}: ${texts.ready.en}`, ja: texts.ready.ja })
      while (this.#session.kind !== 'gone') await this.#serveOne(this.#session)
      await this.#connection.end()
    } catch (error) {
      await this.#onEnd(error)
    }
  }

  async #serveOne(session: Exclude<Session, { kind: 'gone' }>): Promise<void> {
    const maxLiteral = session.kind === 'authenticated' ? this.#options.maxScriptBytes : undefined
    const read = await this.#next(maxLiteral)
    if (!read) {
      this.#session = gone
      return
    }
    if (read.kind === 'script-too-large') return this.no(tooLargeText(this.#options.maxScriptBytes), 'QUOTA/MAXSIZE')
    if (read.kind !== 'request') throw new Goodbye(read.kind === 'line' ? texts.lineTooLong : texts.literalTooLong)
    const request = parseRequest(read.pieces)
    if (request.kind === 'problem') {
      if (++this.#badRequests >= badRequestLimit) throw new Goodbye(texts.tooManyBadRequests)
      return this.no(problemTexts[request.what])
    }
    try {
      const next = await runCommand(request, session, this)
      if (next.kind === 'unauthenticated' && session.kind === 'authenticated') this.#forgetLogin()
      this.#session = next
    } catch (error) {
      // a handshake that failed leaves nothing to say anything on
      if (isEnd(error) || request.kind === 'starttls' || !this.#connection.isOpen) throw error
      this.log.error('A command of ManageSieve failed', { command: request.kind, reason: `${error}` })
      this.no(texts.ourFault, 'TRYLATER')
    }
  }

  /** Responses leave when the peer has sent nothing more ahead. */
  #next(maxScriptBytes: number | undefined) {
    return this.#reader.next({
      maxScriptBytes,
      deadlineMs: () => this.#deadlineMs(),
      signal: this.#abort.signal,
      beforeWaiting: () => this.#connection.flush(writeMs),
      flushBytes,
    })
  }

  #deadlineMs(): number {
    const { timeouts } = this.#options
    if (this.#session.kind === 'authenticated') return timeouts?.idleMs ?? idleMs
    return Math.max(1, (timeouts?.loginMs ?? loginMs) - (performance.now() - this.#loginFrom))
  }

  writeLine(...parts: readonly (string | Uint8Array)[]): void {
    for (const part of parts) this.#connection.write(part)
    this.#connection.write('\r\n')
  }

  ok(text?: Text, code?: ResponseCode): void {
    this.#status('OK', text, code)
  }
  no(text: Text, code?: ResponseCode): void {
    this.#status('NO', text, code)
  }
  bye(text: Text, code?: ResponseCode): void {
    this.#status('BYE', text, code)
  }

  #status(status: 'OK' | 'NO' | 'BYE', text: Text | undefined, code: ResponseCode | undefined): void {
    const language = this.#session.kind === 'authenticated' ? this.#session.language : 'en'
    for (const part of printStatus(status, text ? say(text, language) : '', code)) this.#connection.write(part)
  }

  async response(): Promise<string | undefined> {
    const read = await this.#next(undefined)
    return read?.kind === 'request' ? parseResponse(read.pieces) : undefined
  }

  async startTls(): Promise<void> {
    const tls = this.#options.tls?.()
    if (!tls) throw new Error('STARTTLS without TLS options')
    this.#connection.prepareUpgrade()
    await this.#connection.flush(writeMs)
    await secureAsServer(this.#connection, tls, tlsHandshakeMs)
  }

  async loggedIn(result: AuthResult, sasl?: string): Promise<Session> {
    switch (result.kind) {
      case 'ok':
        return this.#logIn(result.login, sasl)
      case 'refused':
        // the same words for each reason but one, which only who has the right password hears: who exists is not told
        return this.#failed(result.reason === 'app-password-needed' ? texts.appPasswordNeeded : texts.wrongLogin)
      case 'throttled':
        return this.#failed(throttledText(Math.ceil(result.retryAfterMs / 1000)), 'TRYLATER')
      case 'unavailable':
        return this.#failed(texts.unavailable, 'TRYLATER')
      default:
        return result satisfies never
    }
  }

  #failed(text: Text, code?: ResponseCode): Session {
    if (++this.#failedLogins >= failedLoginLimit) throw new Goodbye(text, code)
    this.no(text, code)
    return unauthenticated
  }

  async #logIn(login: Login, sasl: string | undefined): Promise<Session> {
    const language = (await this.#options.languageOf?.(login.account)) ?? 'en'
    clearTimeout(this.#loginTimer)
    this.#loginEnded = whenAborted(login.ended, this.#onLoginEnded)
    if (login.ended.aborted) this.#onLoginEnded()
    this.#session = { kind: 'authenticated', login, language }
    this.ok(texts.loginDone, sasl === undefined ? undefined : { sasl })
    return this.#session
  }

  /** UNAUTHENTICATE: as after the greeting, with time for another login. */
  #forgetLogin(): void {
    this.#loginEnded?.[Symbol.dispose]()
    this.#loginEnded = undefined
    const late = () => this.#abort.abort(new Goodbye(texts.silentTooLong))
    clearTimeout(this.#loginTimer)
    this.#loginTimer = setTimeout(late, this.#options.timeouts?.loginMs ?? loginMs)
    this.#loginFrom = performance.now()
  }

  async #onEnd(error: unknown): Promise<void> {
    const words = farewell(error)
    if (!words && this.#connection.isOpen)
      this.log.error('A ManageSieve session ended by a fault', {
        reason: error instanceof Error ? error.stack : `${error}`,
      })
    if (!words || !this.#connection.isOpen) return this.#connection.destroy()
    this.bye(words.text, words.code)
    await this.#connection.end()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#loginTimer)
    this.#serverStop[Symbol.dispose]()
    this.#loginEnded?.[Symbol.dispose]()
  }
}

function isEnd(error: unknown): boolean {
  return error instanceof Goodbye || error instanceof PeerTimeout || error instanceof PeerGone
}

/** What to say when ending was nobody's fault; undefined when it was ours. */
function farewell(error: unknown): { readonly text: Text; readonly code?: ResponseCode | undefined } | undefined {
  if (error instanceof Goodbye) return error
  if (error instanceof PeerTimeout) return { text: texts.silentTooLong }
  return error instanceof PeerGone ? { text: texts.goodbye } : undefined
}
