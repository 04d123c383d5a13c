/**
 * JMAP as a site of the web server: which path is what, who asks, and from where. RFC 8620 §2.2, §8.2
 *
 * No cookie is ever read. A browser that has been given a password for us sends it by itself, though, whoever's page asks: so what comes from
 * another origin is refused unless it is configured, before anything is read or done.
 */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Log } from '#base/log.ts'
import type { Accounts } from '#mail/account.ts'
import type { Authenticator, AuthResult, Login } from '#mail/auth.ts'
import type { Uploads } from '#mail/uploads.ts'
import type { HttpSite, HttpVisit } from '../http/site.ts'
import { sendJson, sendProblem } from './answer.ts'
import { serveApi } from './api.ts'
import { serveDownload } from './download.ts'
import { maxConcurrentRequests, maxConcurrentUpload, maxEventSources } from './limits.ts'
import { KnownLogins } from './known-logins.ts'
import { checkCredential, credentialOf } from './login.ts'
import { RememberedColumns } from './email/columns.ts'
import { RememberedCounts } from './mailbox/counts.ts'
import { ownOrigin } from './origin.ts'
import { serveEventSource } from './push/event-source.ts'
import type { Sending } from './sending.ts'
import { paths, sessionFor } from './session-object.ts'
import { plainProblem } from './syntax/problem.ts'
import { UnderWay } from './under-way.ts'
import { serveUpload } from './upload.ts'

export type JmapOptions = {
  readonly accounts: Accounts
  readonly authenticator: Authenticator
  readonly uploads: Uploads
  readonly sending: Sending
  readonly maxSizeUpload: number
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
  readonly counts: RememberedCounts
  readonly columns: RememberedColumns
}

type Route = { readonly methods: readonly string[]; readonly serve: (asked: Asked) => Promise<void> }

/** One for all listeners: what an account has under way is counted together. */
export function createJmapSite(): (options: () => JmapOptions) => HttpSite {
  const shared = {
    requests: new UnderWay(maxConcurrentRequests),
    uploadsUnderWay: new UnderWay(maxConcurrentUpload),
    eventSources: new UnderWay(maxEventSources),
    logins: new KnownLogins(),
    counts: new RememberedCounts(),
    columns: new RememberedColumns(),
  }
  return options => visit => {
    const route = routeOf(visit.path)
    return route && answer(route, visit, options(), shared)
  }
}

function routeOf(path: string): Route | undefined {
  if (path === paths.wellKnown || path === paths.session) return { methods: ['GET', 'HEAD'], serve: serveSession }
  if (path === paths.events) return { methods: ['GET'], serve: serveEventSource }
  if (path === paths.api) return { methods: ['POST'], serve: serveApi }
  if (path.startsWith(paths.upload)) return { methods: ['POST'], serve: serveUpload }
  if (path.startsWith(paths.download)) return { methods: ['GET', 'HEAD'], serve: serveDownload }
  if (path.startsWith('/jmap/')) return { methods: ['GET', 'HEAD', 'POST'], serve: nothingHere }
  return undefined
}

type Shared = Pick<Asked, 'requests' | 'uploadsUnderWay' | 'eventSources' | 'counts' | 'columns'> & {
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
  if (!visit.secure && !options.allowPlaintextLogin) return sendProblem(response, needsTls)
  const result = await logIn(visit, options, shared.logins)
  if (result?.kind !== 'ok') return refuseLogin(response, result)
  await route.serve({ visit, login: result.login, options, ...shared })
}

async function logIn(visit: HttpVisit, options: JmapOptions, logins: KnownLogins): Promise<AuthResult | undefined> {
  const { authorization } = visit.request.headers
  const credential = credentialOf(authorization)
  if (!credential || authorization === undefined) return undefined
  const known = logins.find(visit.request.socket, authorization)
  if (known) return { kind: 'ok', login: known }
  const from = { clientAddress: visit.clientAddress, session: randomUUID() }
  const result = await checkCredential(options.authenticator, credential, from)
  if (result.kind === 'ok') logins.add(visit.request.socket, authorization, result.login)
  return result
}

const foreign = plainProblem(403, 'Forbidden', 'Pages of this origin may not use JMAP here')
const needsTls = plainProblem(403, 'Forbidden', 'JMAP needs TLS here: no password may cross without it')

/** Whether the name or the password was wrong is nobody's business. */
async function refuseLogin(
  response: ServerResponse,
  result: Exclude<AuthResult, { kind: 'ok' }> | undefined,
): Promise<void> {
  switch (result?.kind) {
    case 'throttled': {
      const seconds = String(Math.max(1, Math.ceil(result.retryAfterMs / 1000)))
      return sendProblem(response, plainProblem(429, 'Too Many Requests', 'Too many failures: try again later'), {
        'retry-after': seconds,
      })
    }
    case 'unavailable':
      return sendProblem(response, plainProblem(503, 'Service Unavailable', 'Logins cannot be checked now'), {
        'retry-after': '30',
      })
    case 'refused':
    case undefined: {
      const detail = result ? 'The name or the password is wrong' : 'Who are you? Say so with Basic authentication'
      return sendProblem(response, plainProblem(401, 'Unauthorized', detail), {
        'www-authenticate': 'Basic realm="JMAP", charset="UTF-8"',
      })
    }
    default:
      return result satisfies never
  }
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
