/**
 * JMAP as a site of the web server: which path is what, who asks, and from where. RFC 8620 §2.2, §8.2
 *
 * A browser that has a session, or was given a password for us, sends it by itself, whoever's page asks: so what comes from another origin is
 * refused unless it is configured, before anything is read or done; and what a cookie opens has to come from pages of ours in any case.
 */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Log } from '#base/log.ts'
import type { Access } from '#mail/access/access.ts'
import type { Accounts } from '#mail/account.ts'
import type { Authenticator, AuthResult, Login } from '#mail/auth.ts'
import type { ProofLogins } from '#mail/auth-proofs.ts'
import type { Tracing } from '#mail/trace/tracing.ts'
import type { Uploads } from '#mail/uploads.ts'
import { noteKnown } from '../http/last-words.ts'
import { isFromOurPages, mayCarrySecrets } from '../http/our-pages.ts'
import { refuseSignIn } from '../http/refuse-sign-in.ts'
import type { HttpSite, HttpVisit } from '../http/site.ts'
import { sendJson, sendProblem } from './answer.ts'
import { serveApi } from './api.ts'
import { serveDownload } from './download.ts'
import { maxConcurrentRequests, maxConcurrentUpload, maxEventSources, maxWebSockets } from './limits.ts'
import { KnownLogins } from './known-logins.ts'
import { checkCredential, type Credential, credentialOf } from './login.ts'
import { Letters } from './letters/letters.ts'
import { RememberedCounts } from './mailbox/counts.ts'
import { ownOrigin } from './origin.ts'
import { serveEventSource } from './push/event-source.ts'
import type { Sending } from './sending.ts'
import { paths, sessionFor } from './session-object.ts'
import { plainProblem } from './syntax/problem.ts'
import { UnderWay } from './under-way.ts'
import { serveUpload } from './upload.ts'
import { serveWebSocket } from './web-socket/serve.ts'

export type JmapOptions = {
  readonly accounts: Accounts
  readonly authenticator: Authenticator & ProofLogins
  readonly access: Access
  readonly uploads: Uploads
  readonly sending: Sending
  readonly tracing: Tracing
  readonly maxSizeUpload: number
  /** By which push services know us (RFC 9749) */
  readonly applicationServerKey: string
  /** Those that clients may use and are told of */
  readonly capabilities: ReadonlySet<string>
  /** Other origins whose pages may use JMAP: `https://mail.example.org` */
  readonly origins: readonly string[]
  /** Passwords may cross without TLS. For loopback, by setting. */
  readonly allowPlaintextLogin: boolean
  readonly log: Log
}

/** What a handler of a path is given. */
export type Asked = {
  readonly visit: HttpVisit
  readonly login: Login
  readonly options: JmapOptions
  readonly requests: UnderWay
  readonly uploadsUnderWay: UnderWay
  readonly eventSources: UnderWay
  readonly webSockets: UnderWay
  readonly counts: RememberedCounts
  readonly letters: Letters
}

type Route = { readonly methods: readonly string[]; readonly serve: (asked: Asked) => Promise<void> }

/** One for all listeners: what an account has under way is counted together. */
export function createJmapSite(letters = new Letters()): (options: () => JmapOptions) => HttpSite {
  const shared = {
    requests: new UnderWay(maxConcurrentRequests),
    uploadsUnderWay: new UnderWay(maxConcurrentUpload),
    eventSources: new UnderWay(maxEventSources),
    webSockets: new UnderWay(maxWebSockets),
    logins: new KnownLogins(),
    counts: new RememberedCounts(),
    letters,
  }
  return options => visit => {
    const route = routeOf(visit.path)
    return route && answer(route, visit, options(), shared)
  }
}

function routeOf(path: string): Route | undefined {
  if (path === paths.wellKnown || path === paths.session) return { methods: ['GET', 'HEAD'], serve: serveSession }
  if (path === paths.events) return { methods: ['GET'], serve: serveEventSource }
  if (path === paths.webSocket) return { methods: ['GET'], serve: serveWebSocket }
  if (path === paths.api) return { methods: ['POST'], serve: serveApi }
  if (path.startsWith(paths.upload)) return { methods: ['POST'], serve: serveUpload }
  if (path.startsWith(paths.download)) return { methods: ['GET', 'HEAD'], serve: serveDownload }
  if (path.startsWith('/jmap/')) return { methods: ['GET', 'HEAD', 'POST'], serve: nothingHere }
  return undefined
}

type Shared = Pick<Asked, 'requests' | 'uploadsUnderWay' | 'eventSources' | 'webSockets' | 'counts' | 'letters'> & {
  readonly logins: KnownLogins
}

async function answer(route: Route, visit: HttpVisit, options: JmapOptions, shared: Shared): Promise<void> {
  const { request, response } = visit
  const { method = '' } = request
  if (!allowsOrigin(visit, options)) return sendProblem(response, foreign)
  if (method === 'OPTIONS') return preflight(response, route)
  if (!route.methods.includes(method))
    return sendProblem(response, plainProblem(405, 'Method Not Allowed', `${method} is not for this path`), {
      allow: route.methods.join(', '),
    })
  const credential = credentialOf(visit)
  const bySession = credential?.scheme === 'session'
  if (bySession && !isFromOurPages(visit, { navigates: route.serve === serveDownload }))
    return sendProblem(response, foreign)
  if (bySession ? !mayCarrySecrets(visit, options.allowPlaintextLogin) : !visit.secure && !options.allowPlaintextLogin)
    return sendProblem(response, needsTls)
  const result = credential && (await logIn(visit, credential, options, shared.logins))
  if (result?.kind !== 'ok') return refuseLogin(visit, result)
  noteKnown(request)
  await route.serve({ visit, login: result.login, options, ...shared })
}

async function logIn(
  { request, clientAddress }: HttpVisit,
  credential: Credential,
  options: JmapOptions,
  logins: KnownLogins,
): Promise<AuthResult> {
  const { authorization } = request.headers
  const known = authorization === undefined ? undefined : logins.find(request.socket, authorization)
  if (known) return { kind: 'ok', login: known }
  const result = await checkCredential(options, credential, { clientAddress, session: randomUUID() })
  if (result.kind === 'ok' && authorization !== undefined) logins.add(request.socket, authorization, result.login)
  return result
}

const foreign = plainProblem(403, 'Forbidden', 'Pages of this origin may not use JMAP here')
const needsTls = plainProblem(403, 'Forbidden', 'JMAP needs TLS here: no password may cross without it')

/** Our own pages have a place where people sign in, and want no window of the browser. */
function refuseLogin(visit: HttpVisit, result: Exclude<AuthResult, { kind: 'ok' }> | undefined): Promise<void> {
  if (visit.request.headers.authorization === undefined && isFromOurPages(visit))
    return refuseSignIn(visit.response, result)
  return refuseSignIn(visit.response, result, {
    challenge: 'Basic realm="JMAP", charset="UTF-8"',
    who: 'Who are you? Say so with Basic authentication',
  })
}

/** Also says so to the browser, where it is one of those that were configured. */
function allowsOrigin({ request, response, secure }: HttpVisit, { origins }: JmapOptions): boolean {
  const { origin } = request.headers
  if (origins.length > 0) response.setHeader('vary', 'Origin')
  if (origin !== undefined && origins.includes(origin)) {
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', 'Retry-After')
    return true
  }
  if (request.headers['sec-fetch-site'] === 'cross-site') return false
  return origin === undefined || origin === ownOrigin(request, secure)
}

function preflight(response: ServerResponse, { methods }: Route): Promise<void> {
  if (response.hasHeader('access-control-allow-origin')) {
    response.setHeader('access-control-allow-methods', methods.join(', '))
    response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, Last-Event-ID')
    response.setHeader('access-control-max-age', '600')
  }
  response.writeHead(204).end()
  return Promise.resolve()
}

async function serveSession({ visit, login, options }: Asked): Promise<void> {
  const origin = ownOrigin(visit.request, visit.secure)
  if (origin === undefined)
    return sendProblem(visit.response, plainProblem(400, 'Bad Request', 'The Host field is wrong'))
  await sendJson(visit.response, sessionFor(login, { ...options, origin }))
}

function nothingHere({ visit }: Asked): Promise<void> {
  return sendProblem(visit.response, plainProblem(404, 'Not Found', 'There is nothing here'))
}
