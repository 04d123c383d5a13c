/**
 * One POP3 connection: read, parse, run, reply; one catch. RFC 1939, 2449, 2595, 3206, 5034, 6856
 *
 * Invariants: commands run one after the other, however many were sent ahead; only QUIT removes messages, so that a cut
 * connection loses nothing; every wait has a deadline; passwords and contents are in no log line.
 */
import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { asciiText } from '#base/bytes.ts'
import type { Log } from '#base/log.ts'
import { whenAborted } from '#base/when-aborted.ts'
import { say, type Language, type Text } from '#base/text.ts'
import type { Account, Accounts } from '#mail/account.ts'
import type { Authenticator, AuthResult, Login, LoginAttempt } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import { PeerGone, PeerTimeout } from '#net/connection.ts'
import type { Connection } from '#net/connection.ts'
import { secureAsServer } from '#net/handshake.ts'
import type { ClientFacts, MailboxServerOptions } from '../mailbox-server.ts'
import { channelBindingOf } from '../sasl/channel-binding.ts'
import type { ChannelBinding } from '../sasl/channel-binding.ts'
import type { Peer, ResponseCode } from './command.ts'
import { runCommand } from './commands.ts'
import { badRequestLimit, failedLoginLimit, flushBytes, idleMs, loginMs, tlsHandshakeMs, writeMs } from './limits.ts'
import { openMaildrop } from './maildrop.ts'
import { unauthenticated } from './session.ts'
import type { Session } from './session.ts'
import { lineLimitBytes } from './syntax/limits.ts'
import { parseRequest } from './syntax/request.ts'
import { countText, lookUpLanguage, texts, throttledText } from './texts.ts'

const ordinary = { mailbox: 'INBOX', language: 'en' } as const

export type Pop3Options = MailboxServerOptions & {
  /** Of `LANG *` before a login; English when absent */
  readonly language?: Language
  /** The mailbox that is this user's drop, and their language. The inbox and English when absent. */
  preferencesOf?(account: AccountId): Promise<{ readonly mailbox: string; readonly language: Language }>
}

/** Serves one connection to its end. `signal`: the server stops. Rejects only for our own faults. */
export async function servePop3(
  connection: Connection,
  facts: ClientFacts,
  options: Pop3Options,
  signal: AbortSignal,
): Promise<void> {
  using conversation = new Conversation(connection, facts, options, signal)
  await conversation.run()
}

/** Why we end although the peer is there: said in an -ERR. */
class Goodbye extends Error {
  override readonly name = 'Goodbye'
  readonly text: Text
  constructor(text: Text) {
    super(text.en)
    this.text = text
  }
}

class Conversation implements Peer, Disposable {
  readonly #connection: Connection
  readonly #options: Pop3Options
  readonly #serverStop: Disposable
  readonly #abort = new AbortController()
  readonly #startedAt = performance.now()
  /** The budget holds also for one who sends an octet now and then, and so is never silent for long. */
  readonly #loginTimer: NodeJS.Timeout
  #loginEnded: Disposable | undefined
  #session: Session = unauthenticated
  /** No reply is half written: words may be added before the end. */
  #betweenReplies = true
  #failedLogins = 0
  #badRequests = 0
  #preferredLanguage: Language | undefined
  utf8 = false
  languageTag: string | undefined
  readonly log: Log
  readonly attempt: Omit<LoginAttempt, 'mechanism'>
  readonly #onStop = () => this.#abort.abort(new Goodbye(texts.shuttingDown))
  readonly #onLoginEnded = () => this.#abort.abort(new Goodbye(texts.loginEnded))

  constructor(connection: Connection, facts: ClientFacts, options: Pop3Options, signal: AbortSignal) {
    const session = randomBytes(6).toString('hex')
    this.#connection = connection
    this.#options = options
    this.log = options.log.with({ session, client: facts.clientAddress })
    this.attempt = { clientAddress: facts.clientAddress, protocol: 'pop3', session }
    const late = () => this.#abort.abort(new Goodbye(texts.silentTooLong))
    this.#loginTimer = setTimeout(late, options.timeouts?.loginMs ?? loginMs)
    this.#serverStop = whenAborted(signal, this.#onStop)
    if (signal.aborted) this.#onStop()
  }

  get accounts(): Accounts {
    return this.#options.accounts
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
  get preferredLanguage(): Language {
    return this.#preferredLanguage ?? this.#options.language ?? 'en'
  }

  async run(): Promise<void> {
    try {
      this.ok(`${this.#options.hostname} is ready`)
      while (this.#session.kind !== 'gone') await this.#serveOne()
      await this.#connection.end()
    } catch (error) {
      await this.#onEnd(error)
    }
  }

  async #serveOne(): Promise<void> {
    const line = await this.#nextLine()
    if (!line) {
      this.#session = { kind: 'gone' }
      return
    }
    // bare line ends come from old clients and from hands; nothing here could be smuggled by them
    const request = line.kind === 'line' ? parseRequest(line.bytes) : undefined
    if (!request || request.kind === 'problem') {
      this.err(request?.text ?? texts.lineTooLong)
      if (++this.#badRequests >= badRequestLimit) this.#session = { kind: 'gone' }
      return
    }
    if (this.#session.kind === 'gone') return
    this.#session = await runCommand(request, this.#session, this)
  }

  /** Replies leave when the peer has sent nothing more ahead: a pipelined batch is answered in one piece. RFC 2449 §6.6 */
  async #nextLine() {
    this.#betweenReplies = true
    const ready = this.#connection.tryLine(lineLimitBytes)
    if (ready.kind === 'more') {
      await this.#connection.flush(writeMs)
      const line = await this.#connection.line(lineLimitBytes, this.#deadlineMs(), this.#abort.signal)
      this.#betweenReplies = false
      return line
    }
    if (this.#connection.unflushedBytes > flushBytes) await this.pause()
    this.#betweenReplies = false
    return ready
  }

  #deadlineMs(): number {
    const { timeouts } = this.#options
    if (this.#session.kind === 'transaction') return timeouts?.idleMs ?? idleMs
    return Math.max(1, (timeouts?.loginMs ?? loginMs) - (performance.now() - this.#startedAt))
  }

  write(data: Uint8Array | string): void {
    this.#connection.write(data)
  }

  ok(text: Text | string = ''): void {
    const said = this.#say(text)
    this.write(said === '' ? '+OK\r\n' : `+OK ${said}\r\n`)
  }

  err(text: Text, code?: ResponseCode, before?: string): void {
    const parts = [code && `[${code}]`, before, this.#say(text)]
    this.write(`-ERR ${parts.filter(part => part !== undefined).join(' ')}\r\n`)
  }

  #say(text: Text | string): string {
    if (typeof text === 'string') return text
    return say(text, lookUpLanguage(this.languageTag ?? '')?.language ?? 'en')
  }

  async pause(): Promise<void> {
    this.#abort.signal.throwIfAborted()
    await this.#connection.flush(writeMs)
    await turn()
  }

  async responseLine(): Promise<string | undefined> {
    const line = await this.#nextLine()
    return line?.kind === 'line' ? asciiText(line.bytes) : undefined
  }

  async startTls(): Promise<void> {
    const tls = this.#options.tls?.()
    if (!tls) throw new Error('STLS without TLS options')
    this.#connection.prepareUpgrade()
    await this.#connection.flush(writeMs)
    await secureAsServer(this.#connection, tls, tlsHandshakeMs)
  }

  async loggedIn(result: AuthResult): Promise<Session> {
    switch (result.kind) {
      case 'ok':
        return this.#openDrop(result.login)
      case 'refused':
        // the same words for each reason but one, which only who has the right password hears: who exists is not told
        return this.#failed(
          result.reason === 'app-password-needed' ? texts.appPasswordNeeded : texts.wrongLogin,
          'AUTH',
        )
      case 'throttled':
        return this.#failed(throttledText(Math.ceil(result.retryAfterMs / 1000)), 'SYS/TEMP')
      case 'unavailable':
        return this.#failed(texts.unavailable, 'SYS/TEMP')
      default:
        return result satisfies never
    }
  }

  #failed(text: Text, code: ResponseCode): Session {
    this.err(text, code)
    return ++this.#failedLogins >= failedLoginLimit ? { kind: 'gone' } : unauthenticated
  }

  async #openDrop(login: Login): Promise<Session> {
    let account: Account
    try {
      account = await this.accounts.account(login.account)
      const { mailbox, language } = (await this.#options.preferencesOf?.(login.account)) ?? ordinary
      const drop = await openMaildrop(account, mailbox)
      // RFC 3206 §4: only a person can mend it
      if (!drop) {
        this.log.warn('The mailbox for POP3 does not exist', { account: login.account, mailbox })
        return this.#failed(texts.noDrop, 'SYS/PERM')
      }
      this.#preferredLanguage = language
      clearTimeout(this.#loginTimer)
      this.#loginEnded = whenAborted(login.ended, this.#onLoginEnded)
      if (login.ended.aborted) this.#onLoginEnded()
      this.ok(countText(drop.messages.length))
      return { kind: 'transaction', login, account, drop }
    } catch (error) {
      this.log.error('A mailbox could not be opened', { account: login.account, reason: `${error}` })
      return this.#failed(texts.cannotOpen, 'SYS/TEMP')
    }
  }

  async #onEnd(error: unknown): Promise<void> {
    const words = farewell(error)
    if (words === undefined && this.#connection.isOpen)
      this.log.error('A POP3 session ended by a fault', { reason: error instanceof Error ? error.stack : `${error}` })
    if (words !== undefined && this.#betweenReplies && this.#connection.isOpen) {
      this.err(words, 'SYS/TEMP')
      await this.#connection.end()
      return
    }
    // in the middle of a message only the missing dot can tell
    this.#connection.destroy()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#loginTimer)
    this.#serverStop[Symbol.dispose]()
    this.#loginEnded?.[Symbol.dispose]()
  }
}

/** What to say when ending was nobody's fault; undefined when it was ours. */
function farewell(error: unknown): Text | undefined {
  if (error instanceof Goodbye) return error.text
  if (error instanceof PeerTimeout) return texts.silentTooLong
  return error instanceof PeerGone ? texts.goodbye : undefined
}
