/**
 * One connection to an SMTP or LMTP server, greeted, secured and logged in, ready for transactions.
 *
 * Failures to get so far are `ClientFailure` with a reply that is always transient: a wrong password, an expired certificate or a
 * server that speaks another protocol is somebody's mistake to mend, not a reason to return mail.
 */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { PeerGone, type Connection } from '#net/connection.ts'
import { dial, type DialTarget } from '#net/dial.ts'
import { secureAsClient, type ClientTls } from '#net/handshake.ts'
import { tlsFacts } from '#net/tls/server-socket.ts'
import { logIn, type ClientLogin } from './client-auth.ts'
import { ClientFailure } from './client-failure.ts'
import { clientCommandTimeoutMs, clientConnectBudgetMs, maxReplyLineBytes } from './limits.ts'
import { printCommand } from './syntax/print-command.ts'
import type { SmtpCommand } from './syntax/command.ts'
import { ReplyReader } from './syntax/reply.ts'

export type TlsPolicy =
  | { readonly mode: 'none' }
  /** STARTTLS when offered, any certificate; plaintext when TLS fails and `plainFallback` */
  | { readonly mode: 'opportunistic'; readonly plainFallback: boolean }
  /** Verified; `from` says when it begins */
  | {
      readonly mode: 'required'
      readonly from: 'start' | 'starttls'
      readonly ca?: string | readonly string[]
      /** The name in the certificate; the host's when absent */
      readonly serverName?: string
      readonly cert?: string
      readonly key?: string
    }

export type ClientOptions = {
  readonly protocol: 'smtp' | 'lmtp'
  /** An address (never a name: resolve it first), or a unix socket */
  readonly to: DialTarget
  /** The peer's name, for TLS and for words */
  readonly host: string
  /** Our name */
  readonly helo: string
  readonly tls: TlsPolicy
  readonly login?: ClientLogin
  /** Connect, TLS, greeting and login together */
  readonly budgetMs?: number
  /** For each answer to the message, when the peer asks others before it answers */
  readonly finalMs?: number
}

/** Throws ClientFailure for whatever happens, `signal.reason` after an abort. */
export async function openClient(options: ClientOptions, signal: AbortSignal): Promise<SmtpClient> {
  const budget = AbortSignal.any([signal, AbortSignal.timeout(options.budgetMs ?? clientConnectBudgetMs)])
  try {
    return await openOnce(options, budget)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const mayGoPlain = options.tls.mode === 'opportunistic' && options.tls.plainFallback
    if (!(error instanceof ClientFailure && error.inTls && mayGoPlain)) throw failureOf(error, options, budget)
  }
  try {
    return await openOnce({ ...options, tls: { mode: 'none' } }, budget)
  } catch (error) {
    throw failureOf(error, options, budget)
  }
}

function failureOf(error: unknown, { host }: ClientOptions, budget: AbortSignal): ClientFailure {
  if (error instanceof ClientFailure) return error
  if (budget.aborted)
    return new ClientFailure(smtpReply(451, '4.4.1', `${host} took too long to get ready`), { cause: error })
  const why = error instanceof Error ? error.message : String(error)
  return new ClientFailure(smtpReply(451, '4.4.1', `Cannot reach ${host}: ${why}`), { cause: error })
}

async function openOnce(options: ClientOptions, budget: AbortSignal): Promise<SmtpClient> {
  const connection = await dial(options.to, budget)
  // whatever waits below is cut when the budget is spent
  const cut = () => connection.destroy()
  budget.addEventListener('abort', cut)
  const client = new SmtpClient(connection, options)
  try {
    await client.begin(budget)
    return client
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    budget.removeEventListener('abort', cut)
  }
}

export class SmtpClient {
  readonly connection: Connection
  readonly options: ClientOptions
  /** EHLO keywords in upper case with their arguments */
  features: ReadonlyMap<string, string> = new Map()
  #reader = new ReplyReader()
  /** Commands written whose replies have not been read */
  #owed = 0

  constructor(connection: Connection, options: ClientOptions) {
    this.connection = connection
    this.options = options
  }

  /** Nothing is owed and the peer is there: fit for another transaction. */
  get isIdle(): boolean {
    return this.connection.isOpen && this.#owed === 0 && this.connection.buffered.length === 0
  }

  /** Undefined over a unix socket */
  get way(): { readonly address: string; readonly tls?: string } | undefined {
    const { to } = this.options
    if (!('address' in to)) return undefined
    const tls = this.connection.tls && tlsFacts(this.connection.tls)
    return { address: to.address, ...(tls && { tls: `${tls.protocol} ${tls.cipher}` }) }
  }

  offers(keyword: string): boolean {
    return this.features.has(keyword)
  }

  async begin(signal: AbortSignal): Promise<void> {
    const { tls } = this.options
    if (tls.mode === 'required' && tls.from === 'start') await this.#secure(signal)
    this.#owed++
    const greeting = await this.reply(signal)
    if (greeting.code !== 220) throw this.#refused('greets us with', greeting)
    await this.#hello(signal)
    if (!this.connection.tls && tls.mode !== 'none') await this.#startTls(signal)
    if (!this.options.login) return
    await logIn(this, this.options.login, signal)
    // home offers XHIKYAKU only to a gateway that has proved itself
    if (this.options.protocol === 'lmtp') await this.#hello(signal)
  }

  /** Queues a command; `flush` or `reply` sends it. */
  write(command: SmtpCommand): void {
    this.writeLine(printCommand(command))
  }
  writeLine(line: string): void {
    // whatever comes to stand in a command, it is one line. RFC 5321 §2.3.8
    if (/[\r\n\0]/.test(line)) throw new Error('A command of more than one line')
    this.connection.write(`${line}\r\n`)
    this.#owed++
  }
  /** More replies will come than commands were sent: LMTP's, and the one after the message. */
  expect(replies: number): void {
    this.#owed += replies
  }

  async ask(command: SmtpCommand, signal?: AbortSignal, timeoutMs?: number): Promise<SmtpReply> {
    this.write(command)
    return await this.reply(signal, timeoutMs)
  }

  /** The next reply. Throws PeerGone, PeerTimeout or the signal's reason; the connection is of no use then. */
  async reply(signal?: AbortSignal, timeoutMs = clientCommandTimeoutMs): Promise<SmtpReply> {
    const { connection } = this
    if (connection.unflushedBytes > 0) await connection.flush(timeoutMs)
    for (;;) {
      const line = connection.tryLine(maxReplyLineBytes)
      if (line.kind === 'more') {
        if (await connection.fill(timeoutMs, signal)) continue
        throw connection.error ?? new PeerGone(`${this.options.host} closed the connection`)
      }
      const got = line.kind === 'line' ? this.#reader.add(line.bytes) : 'problem'
      if (got === 'problem')
        throw new ClientFailure(smtpReply(451, '4.5.0', `${this.options.host} does not speak SMTP`))
      if (got !== 'more') {
        this.#owed--
        return got
      }
    }
  }

  /** Says goodbye without waiting long. */
  async quit(): Promise<void> {
    try {
      if (this.isIdle) this.connection.write('QUIT\r\n')
      await this.connection.end(1_000)
    } catch {
      this.connection.destroy()
    }
  }

  destroy(): void {
    this.connection.destroy()
  }

  async #hello(signal: AbortSignal): Promise<void> {
    const { protocol, helo } = this.options
    const verb = protocol === 'lmtp' ? 'LHLO' : 'EHLO'
    let reply = await this.ask({ verb, domain: helo }, signal)
    if (protocol === 'smtp' && (reply.code === 500 || reply.code === 502))
      reply = await this.ask({ verb: 'HELO', domain: helo }, signal) // RFC 5321 §3.2
    if (reply.code !== 250) throw this.#refused(`answers ${verb} with`, reply)
    this.features = featuresOf(reply)
  }

  async #startTls(signal: AbortSignal): Promise<void> {
    const { tls, host } = this.options
    if (!this.offers('STARTTLS')) {
      if (tls.mode === 'required') throw new ClientFailure(smtpReply(451, '4.7.4', `${host} offers no STARTTLS`))
      return
    }
    const reply = await this.ask({ verb: 'STARTTLS' }, signal)
    if (reply.code !== 220) {
      if (tls.mode === 'required') throw this.#refused('answers STARTTLS with', reply, '4.7.4')
      return
    }
    await this.#secure(signal)
    await this.#hello(signal) // RFC 3207 §4.2
  }

  async #secure(signal: AbortSignal): Promise<void> {
    const { tls, host, budgetMs } = this.options
    try {
      await secureAsClient(this.connection, clientTls(tls, host), budgetMs ?? clientConnectBudgetMs)
      signal.throwIfAborted()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new ClientFailure(smtpReply(451, '4.7.5', `TLS with ${host} failed: ${why}`), { inTls: true, cause: error })
    }
  }

  #refused(does: string, reply: SmtpReply, enhanced = '4.4.0'): ClientFailure {
    const words = `${this.options.host} ${does} ${reply.code} ${reply.enhanced ?? ''} ${reply.lines.join(' ')}`
    return new ClientFailure(smtpReply(451, enhanced, words.replace(/ +/g, ' ').trim()))
  }
}

function clientTls(tls: TlsPolicy, host: string): ClientTls {
  if (tls.mode !== 'required') return { serverName: host, verify: false }
  return {
    serverName: tls.serverName ?? host,
    verify: true,
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
  }
}

/** RFC 5321 §4.1.1.1: the first line is the host, each further one a keyword */
function featuresOf(reply: SmtpReply): ReadonlyMap<string, string> {
  const features = new Map<string, string>()
  for (const line of reply.lines.slice(1)) {
    const [keyword = '', ...rest] = line.trim().split(/[ =]/)
    features.set(keyword.toUpperCase(), rest.join(' '))
  }
  return features
}
