/**
 * One SMTP or LMTP conversation: its state, its counts and the messages whose sender may not have our answer yet.
 *
 * Invariant: every transaction that `begin` opened is settled exactly once.
 */
import { randomUUID } from 'node:crypto'
import type { Log } from '#base/log.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { IncomingTransaction, SessionFacts } from '#mail/receiving.ts'
import type { Visit } from '#mail/visitors.ts'
import type { Connection } from '#net/connection.ts'
import { tlsFacts } from '#net/tls/server-socket.ts'
import type { MessageBody } from './body.ts'
import type { ClientFacts, SmtpServerOptions } from './options.ts'
import { profiles, type Profile } from './profiles.ts'
import type { LineEndWatch } from './syntax/data.ts'

export type OpenMail = {
  readonly transaction: IncomingTransaction
  /** With the recipients accepted so far */
  readonly envelope: Envelope
}

export type Chunks = { readonly body: MessageBody; readonly lineEnds: LineEndWatch | undefined; count: number }

export type State =
  | { readonly kind: 'connected' }
  | { readonly kind: 'greeted' }
  | { readonly kind: 'mail'; readonly mail: OpenMail }
  /** After the first BDAT. RFC 3030 §2 */
  | { readonly kind: 'chunks'; readonly mail: OpenMail; readonly chunks: Chunks }

/** Answered, but has the peer seen it? */
type Unconfirmed = {
  readonly transaction: IncomingTransaction
  readonly body: MessageBody
  /** `receivedBytes` when the reply was written; undefined while it waits to be; 'late' when the peer had closed before */
  mark: number | 'late' | undefined
}

export class Session {
  readonly connection: Connection
  readonly options: SmtpServerOptions
  readonly profile: Profile
  log: Log
  /** Aborted when the session is over: receivers stop working for nobody. */
  readonly over = new AbortController()
  /** Aborted when the server stops or the login ends. */
  signal: AbortSignal
  facts: SessionFacts
  /** Of the peer itself, whomever XCLIENT has named since */
  readonly peerAddress: string
  state: State = { kind: 'connected' }
  /** What the connection stage knows of the peer; port 25 only */
  visit: Visit | undefined
  errors = 0
  bareLines = 0
  refusedRecipients = 0
  idleCommands = 0
  transactions = 0
  authFailures = 0
  #unconfirmed: Unconfirmed[] = []

  constructor(connection: Connection, options: SmtpServerOptions, client: ClientFacts, signal: AbortSignal) {
    this.connection = connection
    this.signal = signal
    this.options = options
    this.profile = profiles[options.profile]
    this.peerAddress = client.clientAddress
    const tls = connection.tls && tlsFacts(connection.tls)
    this.facts = {
      id: randomUUID(),
      profile: options.profile,
      ...client,
      helo: undefined,
      tls,
      login: undefined,
      gateway: gatewayByCertificate(options, tls?.clientCertificate),
    }
    this.log = logFor(options.log, this.facts)
  }

  /** XCLIENT: as if this client had just connected. A reply: it may not come in. */
  replaceClient(facts: SessionFacts): SmtpReply | undefined {
    this.abandon()
    this.visit?.leave()
    this.visit = undefined
    this.facts = facts
    this.state = { kind: 'connected' }
    this.log = logFor(this.options.log, facts)
    const arrival = this.options.visitors?.arrive(facts)
    if (arrival?.kind === 'refused') return arrival.reply
    this.visit = arrival?.visit
    return undefined
  }

  /** After STARTTLS nothing said before counts. RFC 3207 §4.2 */
  secured(): void {
    this.abandon()
    const tls = this.connection.tls && tlsFacts(this.connection.tls)
    const gateway = gatewayByCertificate(this.options, tls?.clientCertificate)
    this.facts = { ...this.facts, tls, helo: undefined, login: undefined, gateway }
    this.state = { kind: 'connected' }
  }

  /** RSET, a new EHLO, or the end: an open transaction goes without a message. */
  abandon(outcome: 'aborted' | 'gone' = 'aborted'): void {
    const { state } = this
    if (state.kind === 'mail' || state.kind === 'chunks') {
      if (state.kind === 'chunks') state.chunks.body.discard()
      this.#settle(state.mail.transaction, outcome)
      this.state = { kind: 'greeted' }
    }
  }

  /** The transaction leaves the state; it is settled by what the peer does after our reply. */
  answered(transaction: IncomingTransaction, body: MessageBody): void {
    this.#unconfirmed.push({ transaction, body, mark: undefined })
  }

  /** The end of one that was settled on the spot. */
  closed(transaction: IncomingTransaction, body: MessageBody, outcome: 'gone' | 'aborted'): void {
    body.discard()
    this.#settle(transaction, outcome)
  }

  /** Writes the replies gathered so far. What comes after this proves that the peer has read them. */
  flush(): Promise<void> {
    for (const one of this.#unconfirmed) one.mark ??= this.connection.isOpen ? this.connection.receivedBytes : 'late'
    return this.connection.flush()
  }

  /** New bytes were read: the peer went on after reading what was written before. */
  heard(): void {
    if (this.#unconfirmed.length === 0) return
    const heardBytes = this.connection.receivedBytes
    const still: Unconfirmed[] = []
    for (const one of this.#unconfirmed)
      if (typeof one.mark === 'number' && heardBytes > one.mark) this.#confirm(one, 'confirmed')
      else still.push(one)
    this.#unconfirmed = still
  }

  /** The connection is over. Closed cleanly after our reply was written counts as an answer received. */
  end(): void {
    this.heard()
    this.abandon(this.state.kind === 'chunks' ? 'gone' : 'aborted')
    const clean = this.connection.endedCleanly
    for (const one of this.#unconfirmed)
      this.#confirm(one, clean && typeof one.mark === 'number' ? 'confirmed' : 'gone')
    this.#unconfirmed = []
    this.over.abort()
    this.visit?.leave()
  }

  #confirm(one: Unconfirmed, outcome: 'confirmed' | 'gone'): void {
    this.#settle(one.transaction, outcome)
    one.body.discard()
  }

  #settle(transaction: IncomingTransaction, outcome: 'confirmed' | 'gone' | 'aborted'): void {
    try {
      transaction.settle(outcome)
    } catch (error) {
      this.log.error('A transaction could not be settled', { err: error })
    }
  }
}

function logFor(log: Log, { id, clientAddress, via }: SessionFacts): Log {
  return log.with({ session: id, client: clientAddress, ...(via !== undefined && { via }) })
}

function gatewayByCertificate(options: SmtpServerOptions, fingerprint: string | undefined): string | undefined {
  return fingerprint === undefined ? undefined : options.peers?.certificates.get(fingerprint)
}
