/** What the tests of JMAP share: a real server on a free port of 127.0.0.1 with one user, and requests to it. */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { silentLog } from '#base/log.ts'
import { type Clock, systemClock } from '#base/clock.ts'
import type { Authenticator } from '#mail/auth.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import { printAccountId } from '#mail/object-ids.ts'
import { createEvents, type EventsStore } from '#mail/events-store.ts'
import { createGatewayQuestions, type GatewayQuestions } from '#mail/trace/gateway-questions.ts'
import { createTracing } from '#mail/trace/tracing.ts'
import { openUploads, type UploadsOptions } from '#mail/uploads.ts'
import { secureAsServer } from '#net/handshake.ts'
import { createHttpDoor, type HttpDoorOptions, type ServeHttp } from '../http/door.ts'
import { sessionSite } from '../http/session-site.ts'
import type { SignInOptions } from '../http/signed-in.ts'
import type { HttpSite } from '../http/site.ts'
import type { MailboxServerOptions } from '../mailbox-server.ts'
import {
  address,
  password,
  type CommonOptions,
  type Served,
  withDataFolder,
  withLoginServer,
} from '../mailbox-server.testbed.ts'
import type { Letters } from './letters/letters.ts'
import { openOutboundBed, type OutboundBed } from './outbound.testbed.ts'
import type { Sending } from './sending.ts'
import { allCapabilities } from './session-object.ts'
import { createJmapSite, type JmapOptions } from './site.ts'
import type { Invocation, JsonObject, Response, Session } from './wire.ts'

export { address, password }

export const homeBox = 'home@mail.home.test'

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
}
export type Ask = {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Without the user's login */
  readonly anonymous?: boolean
}

export type JmapBed = Pick<
  Served<MailboxServerOptions>,
  'accounts' | 'account' | 'access' | 'directory' | 'port' | 'ca' | 'stop'
> & {
  readonly sending: Sending
  /** The trace of this box, and what its gateway `gateway` is asked */
  readonly events: EventsStore
  readonly questions: GatewayQuestions
  /** Letters that have left, and what their recipients are answered */
  readonly outbound: OutboundBed
  /** What the account may have, octets; to be changed */
  readonly quota: { limitBytes?: number | undefined }
  /** For connections that have no port */
  readonly serve: ServeHttp
  /** As JMAP names it */
  readonly accountId: string
  ask(ask: Ask): Promise<Answer>
  session(): Promise<Session>
  /** The envelope as it is; its answer must be 200. */
  request(envelope: object): Promise<Response>
  /** Calls of one request with every capability of ours; answers what came back */
  calls(...calls: readonly (readonly [name: string, given: object, id?: string])[]): Promise<readonly Invocation[]>
  /** One call; `accountId` is put in. Throws on an error. */
  call(name: string, given?: object): Promise<JsonObject>
}

export type JmapBedOptions = Partial<
  Omit<JmapOptions, 'accounts' | 'authenticator' | 'access' | 'uploads' | 'sending'>
> & {
  /** Of the sessions */
  readonly clock?: Clock
  readonly letters?: Letters
  /** In the place of the directory's own */
  readonly checkedBy?: (own: Authenticator) => Authenticator
  /** Whoever comes is said to come from here */
  readonly clientAddress?: string
  readonly tls?: boolean
  readonly deadlines?: HttpDoorOptions['deadlines']
  readonly uploads?: Partial<UploadsOptions>
  /** Beside those that are there always */
  readonly moreSites?: (accounts: OpenAccounts, signIn: SignInOptions) => readonly HttpSite[]
}

type ServerOptions = Omit<MailboxServerOptions, 'accounts' | 'events'> & { readonly serve: ServeHttp }

export async function withJmap(act: (bed: JmapBed) => Promise<void>, options: JmapBedOptions = {}): Promise<void> {
  await withDataFolder('jmap-uploads', async (_, folder) => {
    using uploads = await openUploads({
      folder: join(folder, 'uploads'),
      clock: systemClock,
      accountBytes: 10_000_000,
      totalBytes: 20_000_000,
      ...options.uploads,
    })
    const quota: JmapBed['quota'] = {}
    const traceFile = join(folder, 'trace.db')
    await using events = await createEvents({ file: traceFile, box: homeBox, clock: systemClock, log: silentLog })
    const questions = createGatewayQuestions(systemClock, 300)
    const tracing = createTracing({
      box: homeBox,
      role: 'home',
      events,
      questions,
      gateways: () => [{ name: 'gateway', hostname: 'mx.home.test' }],
      sendsThroughGateway: () => false,
      clock: systemClock,
    })
    await using outbound = await openOutboundBed(folder, events)
    let sending: Sending | undefined
    await withLoginServer<ServerOptions>(
      { name: 'jmap', accountsOptions: { quotaOf: () => quota.limitBytes }, clock: options.clock },
      async (connection, facts, { serve, tls }, stop) => {
        if (options.tls && tls) await secureAsServer(connection, tls(), 5_000)
        const clientAddress = options.clientAddress ?? facts.clientAddress
        await serve(connection, { clientAddress }, stop)
      },
      (common, accounts, directory) => {
        sending ??= outbound.sendingOf(directory, accounts.scripts)
        return { ...common, serve: doorOf(common, accounts, { uploads, sending, directory, tracing }, options) }
      },
      async served => {
        if (sending) await act({ ...bedOf(served, options), quota, outbound, sending, events, questions })
      },
    )
  })
}

function doorOf(
  { authenticator, access }: Pick<CommonOptions, 'authenticator' | 'access'>,
  accounts: OpenAccounts,
  {
    uploads,
    sending,
    directory,
    tracing,
  }: Pick<JmapOptions, 'uploads' | 'sending' | 'tracing'> & Pick<JmapBed, 'directory'>,
  {
    deadlines,
    tls: _tls,
    uploads: _uploads,
    clock: _clock,
    clientAddress: _clientAddress,
    checkedBy,
    letters,
    moreSites,
    ...given
  }: JmapBedOptions,
): ServeHttp {
  const jmap: JmapOptions = {
    accounts,
    authenticator: checkedBy ? checked(authenticator, checkedBy) : authenticator,
    access,
    uploads,
    sending,
    tracing,
    maxSizeUpload: 5_000_000,
    applicationServerKey: 'BKey',
    capabilities: allCapabilities,
    origins: [],
    allowPlaintextLogin: true,
    log: silentLog,
    ...given,
  }
  const signIn = { authenticator, access, directory, allowPlaintextLogin: jmap.allowPlaintextLogin }
  return createHttpDoor({
    sites: [sessionSite(signIn), createJmapSite(letters)(() => jmap), ...(moreSites?.(accounts, signIn) ?? [])],
    log: jmap.log,
    ...(deadlines && { deadlines }),
  })
}

function checked(
  authenticator: CommonOptions['authenticator'],
  by: (own: Authenticator) => Authenticator,
): JmapOptions['authenticator'] {
  const proofs = {
    proved: authenticator.proved.bind(authenticator),
    guarded: authenticator.guarded.bind(authenticator),
  }
  return { ...by(authenticator), ...proofs }
}

function bedOf(
  served: Served<ServerOptions>,
  { tls }: JmapBedOptions,
): Omit<JmapBed, 'quota' | 'outbound' | 'sending' | 'events' | 'questions'> {
  const { access, account, accounts, ca, directory, port, stop } = served
  const accountId = printAccountId(account)
  const ask = (one: Ask) => askServer(one, port, tls ? ca : undefined)
  const post = async (envelope: object): Promise<Response> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await ask({ method: 'POST', path: '/jmap/api', headers, body: JSON.stringify(envelope) })
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.bytes.toString()}`)
    return JSON.parse(answer.bytes.toString()) as Response
  }
  const session = async () => JSON.parse((await ask({ path: '/jmap/session' })).bytes.toString()) as Session
  let using: readonly string[] | undefined
  const calls: JmapBed['calls'] = async (...all) => {
    using ??= Object.keys((await session()).capabilities)
    const methodCalls = all.map(([name, given, id], index) => [name, given, id ?? `c${index}`])
    return (await post({ using, methodCalls })).methodResponses
  }
  return {
    access,
    account,
    accountId,
    accounts,
    ca,
    directory,
    port,
    stop,
    serve: served.options.serve,
    ask,
    session,
    request: post,
    calls,
    async call(name, given = {}) {
      const [response] = await calls([name, { accountId, ...given }])
      if (response?.[0] !== name) throw new Error(`${name}: ${JSON.stringify(response?.[1])}`)
      return response[1]
    },
  }
}

export const authorization = `Basic ${Buffer.from(`${address}:${password}`).toString('base64')}`

export function askServer(
  { method = 'GET', path, headers = {}, body, anonymous = false }: Ask,
  port: number,
  ca: string | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = ca === undefined ? httpRequest : httpsRequest
    const request = send(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        headers: { ...(!anonymous && { authorization }), ...headers },
        ...(ca !== undefined && { ca, servername: 'home.test' }),
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
        )
      },
    )
    request.on('error', reject).end(body)
  })
}
