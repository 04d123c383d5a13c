/** One connection as commands see it, whoever is logged in on it: the members of Peer, and what the loop in server.ts needs beside. */
import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { emptyBytes } from '#base/bytes.ts'
import type { Log } from '#base/log.ts'
import type { Account, Accounts } from '#mail/account.ts'
import type { Authenticator, LoginAttempt } from '#mail/auth.ts'
import { silentEvents, type Events } from '#mail/events.ts'
import type { QuotaKeeper } from '#mail/quotas.ts'
import type { Connection } from '#net/connection.ts'
import { Deflated } from '#net/deflated.ts'
import { secureAsServer } from '#net/handshake.ts'
import type { ClientFacts } from '../mailbox-server.ts'
import { AccountNews } from './account-news.ts'
import { capabilityList } from './capabilities.ts'
import { quirksOf } from './client-quirks.ts'
import { progressMs, tlsHandshakeMs } from './limits.ts'
import { mechanismsOffered } from './mechanisms.ts'
import type { ImapOptions, ImapSieve } from './options.ts'
import { ConnectionOutput } from './output.ts'
import type { Peer } from './peer.ts'
import { Progress, silence, timerTicks, type Ticks } from './progress.ts'
import { Receiver } from './receive.ts'
import { appendLimitBytes, lineLimitBytes } from './syntax/limits.ts'
import type { IdParameter } from './syntax/request.ts'

const nothingEnabled = { condstore: false, qresync: false, rev2: false, utf8Accept: false, uidOnly: false }

/** Why reading ends although the peer is there: said in a BYE. */
export class Goodbye extends Error {
  override readonly name = 'Goodbye'
}

export class ConnectionPeer implements Peer {
  readonly #connection: Connection
  readonly #facts: ClientFacts
  readonly #options: ImapOptions
  readonly #readDeadlineMs: () => number
  readonly id = randomBytes(6).toString('hex')
  readonly abort = new AbortController()
  readonly receiver: Receiver
  readonly output: ConnectionOutput
  readonly progress: Progress
  readonly log: Log
  readonly enabled = { ...nothingEnabled }
  accountNews: AccountNews | undefined
  /** Capabilities that this client is not offered, upper case. It says itself what it is, so this outlives its logins. */
  #off: ReadonlySet<string> = new Set()
  #startTlsWanted = false
  #compressWanted = false

  /** `readDeadlineMs`: how long a line that is asked for may take */
  constructor(connection: Connection, facts: ClientFacts, options: ImapOptions, readDeadlineMs: () => number) {
    this.#connection = connection
    this.#facts = facts
    this.#options = options
    this.#readDeadlineMs = readDeadlineMs
    this.log = options.log.with({ session: this.id, client: facts.clientAddress })
    this.output = new ConnectionOutput(connection, this.abort.signal)
    const ticks = options.ticks ?? timerTicks
    const told: Ticks = (everyMs, tick) => (this.#off.has('INPROGRESS') ? silence : ticks(everyMs, tick))
    this.progress = new Progress(this, progressMs, told)
    this.receiver = new Receiver(connection, this.output, options.spool, this.abort.signal)
  }

  get off(): ReadonlySet<string> {
    return this.#off
  }

  /** Nothing stays of what ENABLE, NOTIFY and their kin have set. RFC 8437 §2 */
  forget(): void {
    Object.assign(this.enabled, nothingEnabled)
    this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.accountNews?.[Symbol.dispose]()
    this.accountNews = undefined
  }

  /** After a reply to STARTTLS or COMPRESS. */
  async upgrade(): Promise<void> {
    if (this.#startTlsWanted) await this.#secure()
    if (this.#compressWanted) await this.#deflate()
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

  get accounts(): Accounts {
    return this.#options.accounts
  }
  get imapSieve(): ImapSieve | undefined {
    return this.#options.imapSieve
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
    return this.abort.signal
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
      sieveUrl: this.imapSieve?.url,
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
    const line = await this.receiver.line(lineLimitBytes, this.#readDeadlineMs())
    if (line?.kind !== 'line') return undefined
    return line.bare ? emptyBytes : line.bytes
  }

  listen(account: Account): AccountNews {
    return (this.accountNews ??= new AccountNews(account, this.id))
  }

  leave(goodbye: string): void {
    this.abort.abort(new Goodbye(goodbye))
  }

  flush(): Promise<void> {
    return this.output.flush()
  }
}
