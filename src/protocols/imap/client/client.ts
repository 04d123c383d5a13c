/**
 * One connection to an IMAP server: for import and doctor, and for tests. Commands may be asked one after the other without
 * waiting (they are sent ahead); each is a promise of its answer. RFC 3501, 9051; what the server lacks is not used.
 *
 * Failures have names (failure.ts). A NO or BAD leaves the client fit for more, everything else ends it.
 */
import type { MessageSource } from '#formats/message-source.ts'
import type { Connection } from '#net/connection.ts'
import { Deflated } from '#net/deflated.ts'
import { secureAsClient, type ClientTls } from '#net/handshake.ts'
import { channelBindingOf } from '../../sasl/channel-binding.ts'
import type { Literal } from '../syntax/framing.ts'
import { printRequest } from '../syntax/print-request.ts'
import type { FetchItem, ListRequest, Request, SearchKey, StatusItem, StoreRequest } from '../syntax/request.ts'
import type { SequenceRange, SequenceSet } from '../syntax/sequence-set.ts'
import { ServerCapabilities } from './capabilities.ts'
import { Conversation } from './conversation.ts'
import { CommandRefused, ConnectionBroken, NotSecure, ServerBye, ServerNonsense } from './failure.ts'
import { idle, type IdleOptions } from './idle.ts'
import { answerMs, connectMs, literalMinusBytes, unaskedLiteralBytes } from './limits.ts'
import { logIn, type ImapLogin } from './log-in.ts'
import type { Taking } from './pending.ts'
import type { ImapAnswer, ListedMailbox, UntaggedResponse } from './response.ts'
import { allOf, copiedOf, foundOf, selectedOf, statusOf } from './results.ts'
import type { Copied, Fetched, Found, Selected } from './results.ts'

export type ImapClientOptions = {
  readonly signal?: AbortSignal | undefined
  /** How long the server may say nothing while something is owed */
  readonly silenceMs?: number | undefined
  /** All that is untagged, as it comes: also what nobody asked for */
  readonly onResponse?: ((response: UntaggedResponse) => void) | undefined
}

export type SelectOptions = {
  readonly readOnly?: boolean
  readonly condstore?: boolean
  /** RFC 7162 §3.2.5; wants `enable('QRESYNC')` before */
  readonly resync?: {
    readonly uidValidity: number
    readonly modSeq: number
    readonly known?: readonly SequenceRange[]
  }
}
export type FetchOptions = Taking & {
  /** Message numbers instead of UIDs */
  readonly byNumber?: boolean
  /** RFC 7162 §3.1.4.1, §3.2.6 */
  readonly changedSince?: number
  readonly vanished?: boolean
}
export type AppendOptions = { readonly flags?: readonly string[]; readonly internalDate?: number }
export type Appended = { readonly uidValidity: number; readonly uid: number }

/** They have methods of their own. */
const notByRun: ReadonlySet<string> = new Set(['IDLE', 'AUTHENTICATE', 'STARTTLS', 'COMPRESS'])

export class ImapClient {
  readonly capabilities = new ServerCapabilities()
  /** In upper case, as the server confirmed them */
  readonly enabled = new Set<string>()
  readonly #conversation: Conversation
  #preauthenticated = false

  private constructor(connection: Connection, options: ImapClientOptions) {
    this.#conversation = new Conversation(connection, {
      signal: options.signal,
      silenceMs: options.silenceMs ?? answerMs,
      mustWait: literal => this.#mustWait(literal),
      onResponse: line => {
        this.capabilities.note(line)
        if (line.kind === 'enabled') for (const name of line.names) this.enabled.add(name)
        if (line.kind !== 'tagged') options.onResponse?.(line)
      },
    })
  }

  /** Reads the greeting. */
  static async open(connection: Connection, options: ImapClientOptions = {}): Promise<ImapClient> {
    const client = new ImapClient(connection, options)
    const greeting = await client.#conversation.greeting()
    const status = greeting.kind === 'status' ? greeting.status : undefined
    if (status === 'BYE' && greeting.kind === 'status')
      throw client.#conversation.fail(new ServerBye(`The server said goodbye: ${greeting.text}`))
    if (status !== 'OK' && status !== 'PREAUTH')
      throw client.#conversation.fail(new ServerNonsense('The greeting is not that of an IMAP server'))
    client.#preauthenticated = status === 'PREAUTH'
    return client
  }

  /** No login is wanted: the greeting said so. */
  get preauthenticated(): boolean {
    return this.#preauthenticated
  }
  get isSecure(): boolean {
    return this.#conversation.connection.tls !== undefined
  }
  get isCompressed(): boolean {
    return this.#conversation.connection.isCompressed
  }
  /** Nothing can be asked any more, for this reason */
  get failure(): unknown {
    return this.#conversation.failure
  }

  /** Any request that has no method of its own. Throws `CommandRefused` unless the answer is OK. */
  async run(request: Request, taking: Taking = {}): Promise<ImapAnswer> {
    if (notByRun.has(request.name)) throw new TypeError(`${request.name} has a method of its own`)
    const print = (tag: string) => printRequest({ tag, request }, { nonSynchronizing: false })
    return okay(request.name, await this.#conversation.send(request.name, taking, print))
  }

  /** What the server can; asked only where it has not said so by itself. */
  async capability(): Promise<ReadonlySet<string>> {
    if (!this.capabilities.names) await this.run({ name: 'CAPABILITY' })
    return this.capabilities.names ?? new Set()
  }

  /** The best mechanism; on a connection without TLS the password crosses in the clear unless it is SCRAM. */
  async login(user: string, password: string): Promise<void> {
    await this.capability()
    const login: ImapLogin = { user, password }
    const { tls } = this.#conversation.connection
    const answer = await logIn(this.#conversation, this.capabilities, login, tls && channelBindingOf(tls, 'client'))
    if (answer.status === 'OK' && answer.code?.name !== 'CAPABILITY' && !hasCapabilities(answer))
      this.capabilities.forget()
    okay('LOGIN', answer)
  }

  /** Throws `NotSecure` when it cannot be had; nothing has been said then that a stranger may not hear. */
  async startTls(tls: ClientTls, deadlineMs = connectMs): Promise<void> {
    const { connection } = this.#conversation
    if (this.#preauthenticated) throw new NotSecure('The server logged us in before TLS')
    const answer = await this.#conversation.change('STARTTLS', 'STARTTLS', async () => {
      if (connection.buffered.length > 0) throw new ServerNonsense('Something was said between STARTTLS and TLS')
      await secure(connection, tls, deadlineMs)
      this.capabilities.forget()
    })
    if (answer.status !== 'OK') throw new NotSecure(`The server refused TLS: ${answer.text}`)
  }

  /** RFC 4978 */
  async compress(): Promise<void> {
    const { connection } = this.#conversation
    const answer = await this.#conversation.change('COMPRESS', 'COMPRESS DEFLATE', () => {
      // what came behind the answer is compressed already
      const behind = Buffer.from(connection.buffered)
      connection.upgrade(plain => {
        if (behind.length > 0) plain.unshift(behind)
        return new Deflated(plain)
      })
    })
    okay('COMPRESS', answer)
  }

  /** Those that the server confirmed. RFC 5161 */
  async enable(...names: readonly string[]): Promise<readonly string[]> {
    const { responses } = await this.run({ name: 'ENABLE', capabilities: names })
    return allOf(responses, 'enabled').flatMap(one => one.names)
  }

  async select(mailbox: string, { readOnly, condstore, resync }: SelectOptions = {}): Promise<Selected> {
    return selectedOf(
      await this.run({
        name: readOnly ? 'EXAMINE' : 'SELECT',
        mailbox,
        condstore: condstore ?? false,
        resync: resync && { ...resync, known: resync.known, matches: undefined },
      }),
    )
  }

  /** `options`: of LIST-EXTENDED (RFC 5258), where the server has it */
  async list(
    reference = '',
    pattern = '*',
    options?: Partial<Pick<ListRequest, 'select' | 'give' | 'status' | 'metadata'>>,
  ): Promise<readonly ListedMailbox[]> {
    const extended = options !== undefined && this.capabilities.has('LIST-EXTENDED')
    const plain = { select: [], give: [], status: undefined, metadata: undefined }
    const { responses } = await this.run({
      ...plain,
      ...(extended && options),
      name: 'LIST',
      extended,
      reference,
      patterns: [pattern],
    })
    return allOf(responses, 'list')
  }

  async status(mailbox: string, items: readonly StatusItem[]): Promise<ReadonlyMap<string, number | string>> {
    return statusOf(await this.run({ name: 'STATUS', mailbox, items }))
  }

  /** By UID. With `onResponse` nothing is gathered: the list is empty, and memory stays small however much comes. */
  async fetch(
    messages: SequenceSet,
    items: readonly FetchItem[],
    options: FetchOptions = {},
  ): Promise<readonly Fetched[]> {
    const { byNumber = false, changedSince, vanished = false, ...taking } = options
    const request = { name: 'FETCH', byUid: !byNumber, messages, items, changedSince, vanished } as const
    return allOf((await this.run(request as Request, taking)).responses, 'fetch')
  }

  /** By UID; the flags as they are now, as far as the server says */
  async store(
    messages: SequenceSet,
    mode: StoreRequest['mode'],
    flags: readonly string[],
    options: { readonly unchangedSince?: number; readonly silent?: boolean } = {},
  ): Promise<ImapAnswer> {
    const { unchangedSince, silent = false } = options
    return this.run({ name: 'STORE', byUid: true, messages, unchangedSince, silent, mode, flags })
  }

  /** UIDs. By ESEARCH where there is one: the answer is short then. */
  async search(key: SearchKey, options: { readonly charset?: string } = {}): Promise<Found> {
    const give = this.capabilities.has('ESEARCH') ? (['MIN', 'MAX', 'ALL', 'COUNT'] as const) : undefined
    return foundOf(await this.run({ name: 'SEARCH', byUid: true, give, charset: options.charset, key } as Request))
  }

  /** Streams the message. Where it is now, if the server says (UIDPLUS). */
  async append(mailbox: string, source: MessageSource, options: AppendOptions = {}): Promise<Appended | undefined> {
    const message = { kind: 'message', source, binary: false } as const
    const { flags = [], internalDate } = options
    const { code } = await this.run({ name: 'APPEND', mailbox, messages: [{ flags, internalDate, message }] })
    const uid = code?.name === 'APPENDUID' ? code.uids[0]?.first : undefined
    return code?.name === 'APPENDUID' && uid !== undefined ? { uidValidity: code.uidValidity, uid } : undefined
  }

  /** By UID. Which became which, if the server says (UIDPLUS). */
  async copy(messages: SequenceSet, mailbox: string): Promise<Copied | undefined> {
    return copiedOf(await this.run({ name: 'COPY', byUid: true, messages, mailbox }))
  }
  async move(messages: SequenceSet, mailbox: string): Promise<Copied | undefined> {
    return copiedOf(await this.run({ name: 'MOVE', byUid: true, messages, mailbox }))
  }

  /** RFC 2177 */
  idle(options: IdleOptions): Promise<void> {
    return idle(this.#conversation, options)
  }

  async logout(): Promise<void> {
    try {
      await this.run({ name: 'LOGOUT' })
      await this.#conversation.connection.end()
    } catch (error) {
      // some go without the last word
      if (!(error instanceof ServerBye)) throw error
    }
    this.destroy()
  }

  /** At once; whatever waits fails with `ConnectionBroken`. */
  destroy(): void {
    this.#conversation.fail(new ConnectionBroken('The client has left'))
  }

  #mustWait(literal: Literal): boolean {
    const sizeBytes = literal.kind === 'message' ? literal.source.sizeBytes : literal.bytes.length
    if (sizeBytes > unaskedLiteralBytes) return true
    if (this.capabilities.has('LITERAL+')) return false
    return !(this.capabilities.has('LITERAL-') && sizeBytes <= literalMinusBytes)
  }
}

/** The handshake; what goes wrong in it is `NotSecure`. */
export async function secure(connection: Connection, tls: ClientTls, deadlineMs: number): Promise<void> {
  try {
    await secureAsClient(connection, tls, deadlineMs)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new NotSecure(`TLS failed: ${why}`, { cause: error })
  }
}

function okay(name: string, answer: ImapAnswer): ImapAnswer {
  if (answer.status !== 'OK') throw new CommandRefused(name, answer)
  return answer
}

function hasCapabilities({ responses }: ImapAnswer): boolean {
  return responses.some(one => one.kind === 'capability' || (one.kind === 'status' && one.code?.name === 'CAPABILITY'))
}
