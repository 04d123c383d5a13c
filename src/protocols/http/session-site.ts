/** Signing in and out for browsers: `/session`, `/sessions`. docs/plan-webmail.md, Borders */
import { randomUUID } from 'node:crypto'
import type { Access } from '#mail/access/access.ts'
import type { SessionLogin, WebSession } from '#mail/access/web-sessions.ts'
import type { Authenticator, AuthResult, Login, LoginAttempt } from '#mail/auth.ts'
import type { ProofLogins } from '#mail/auth-proofs.ts'
import type { Directory } from '#mail/directory.ts'
import { finish, sendJson, sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import { clearCookie, setCookie, shownCookie } from './cookie.ts'
import { isFromElsewhere, isFromOurPages, mayCarrySecrets } from './our-pages.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import type { HttpSite, HttpVisit } from './site.ts'
import { readFields } from './small-body.ts'

export type SignInOptions = {
  readonly authenticator: Authenticator & ProofLogins
  readonly access: Access
  readonly directory: Pick<Directory, 'userOf'>
  /** Secrets may cross without TLS from other machines too: a setting of the listener */
  readonly allowPlaintextLogin: boolean
}

type Handler = (visit: HttpVisit, options: SignInOptions) => Promise<void>
type Paths = Readonly<Record<string, Handler>>

const session: Paths = { __proto__: null as never, POST: signIn, GET: tell, HEAD: tell, DELETE: signOut }
const sessions: Paths = { __proto__: null as never, GET: list, HEAD: list }
const oneSession: Paths = { __proto__: null as never, DELETE: endOther }

export function sessionSite(options: SignInOptions): HttpSite {
  return visit => {
    const paths = pathsOf(visit.path)
    return paths && answer(paths, visit, options)
  }
}

function pathsOf(path: string): Paths | undefined {
  if (path === '/session') return session
  if (path === '/sessions') return sessions
  return path.startsWith('/sessions/') ? oneSession : undefined
}

async function answer(paths: Paths, visit: HttpVisit, options: SignInOptions): Promise<void> {
  const { request, response } = visit
  const handler = paths[request.method ?? '']
  if (!handler)
    return sendProblem(response, plainProblem(405, 'Method Not Allowed', 'This method is not for this path'), {
      allow: Object.keys(paths).join(', '),
    })
  if (!mayCarrySecrets(visit, options.allowPlaintextLogin))
    return sendProblem(response, plainProblem(403, 'Forbidden', 'Signing in needs TLS here'))
  await handler(visit, options)
}

async function signIn(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const { request, response, clientAddress } = visit
  if (isFromElsewhere(visit)) return sendProblem(response, foreign)
  const given = await readFields(request)
  if ('status' in given) return sendProblem(response, given)
  const attempt = { clientAddress, protocol: 'http', session: randomUUID() } as const
  const result = await proofOf(given, attempt, options)
  if (result === undefined)
    return sendProblem(response, plainProblem(400, 'Bad Request', 'Give username and password, or a ticket'))
  if (result.kind !== 'ok') return refuseSignIn(response, result)
  // a new token each time, whatever was shown: nobody can plant one
  const before = shownCookie(visit)
  const old = before === undefined ? undefined : options.access.sessions.find(before)
  const userAgent = request.headers['user-agent'] ?? ''
  const begun = await options.access.sessions.begin(result.login, { userAgent, clientAddress })
  if (!begun) return refuseSignIn(response, { kind: 'refused', reason: 'disabled' })
  if (old) await options.access.sessions.end(old.session.account, old.session.id)
  setCookie(visit, begun.token, begun.session.createdAt + cookieMs)
  await sendJson(response, await bodyOf(begun, options))
}

/** As long as a session may last at all; whether it still does is asked of us each time. */
const cookieMs = 365 * 24 * 60 * 60_000

async function proofOf(
  given: ReadonlyMap<string, string>,
  attempt: Omit<LoginAttempt, 'mechanism'>,
  { authenticator, access }: SignInOptions,
): Promise<AuthResult | undefined> {
  const ticket = given.get('ticket')
  if (ticket !== undefined)
    return authenticator.proved(ticket, { ...attempt, mechanism: 'TICKET' }, () => access.loginByTicket(ticket))
  const [username, password] = [given.get('username'), given.get('password')]
  if (username === undefined || password === undefined) return undefined
  return authenticator.password(username, password, { ...attempt, mechanism: 'PASSWORD' })
}

/** RFC 3339, UTC: when the session ends unless it is used again */
async function bodyOf({ session: { expiresAt }, login }: SessionLogin, { directory }: SignInOptions): Promise<object> {
  const user = await directory.userOf(login.account)
  return { username: login.address, name: user?.name ?? '', expires: new Date(expiresAt).toISOString() }
}

async function tell(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const known = await sessionOf(visit, options)
  if (known) await sendJson(visit.response, await bodyOf(known, options))
}

async function signOut(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const known = await sessionOf(visit, options)
  if (!known) return
  await options.access.sessions.end(known.session.account, known.session.id)
  clearCookie(visit)
  await nothing(visit)
}

async function list(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const known = await sessionOf(visit, options)
  if (!known) return
  const all = options.access.sessions.list(known.login.account)
  await sendJson(visit.response, { sessions: all.map(one => shown(one, known.session.id)) })
}

function shown(one: WebSession, current: string): object {
  const { id, userAgent, clientAddress } = one
  const date = (at: number) => new Date(at).toISOString()
  return {
    id,
    current: id === current,
    created: date(one.createdAt),
    lastUsed: date(one.lastUsedAt),
    expires: date(one.expiresAt),
    userAgent,
    clientAddress,
  }
}

async function endOther(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const known = await sessionOf(visit, options)
  if (!known) return
  const id = visit.path.slice('/sessions/'.length)
  if (!(await options.access.sessions.end(known.login.account, id)))
    return sendProblem(visit.response, plainProblem(404, 'Not Found', 'There is no such session'))
  if (id === known.session.id) clearCookie(visit)
  await nothing(visit)
}

/** Undefined: refused, and answered. */
export async function sessionOf(visit: HttpVisit, options: SignInOptions): Promise<SessionLogin | undefined> {
  const token = shownCookie(visit)
  if (token !== undefined && !isFromOurPages(visit)) {
    await sendProblem(visit.response, foreign)
    return undefined
  }
  const result = token === undefined ? undefined : await loginBySession(token, visit, options)
  if (result?.kind === 'ok') return result
  await refuseSignIn(visit.response, result)
  return undefined
}

export type SessionResult = (SessionLogin & { readonly kind: 'ok' }) | Exclude<AuthResult, { kind: 'ok' }>

/** The token of a cookie is right, or wrong, and then counted. */
export async function loginBySession(
  token: string,
  { clientAddress }: Pick<HttpVisit, 'clientAddress'>,
  { authenticator, access }: Pick<SignInOptions, 'authenticator' | 'access'>,
): Promise<SessionResult> {
  const attempt = { clientAddress, protocol: 'http', mechanism: 'COOKIE', session: randomUUID() } as const
  let found: SessionLogin | undefined
  const find = (): Login | undefined => {
    found = access.sessions.find(token)
    return found?.login
  }
  const result = await authenticator.proved(token, attempt, find)
  if (result.kind !== 'ok') return result
  return found ? { kind: 'ok', ...found } : { kind: 'refused', reason: 'wrong-password' }
}

export const foreign = plainProblem(403, 'Forbidden', 'This is for our own pages')

function nothing({ response }: HttpVisit): Promise<void> {
  response.writeHead(204, { 'cache-control': 'no-store' })
  return finish(response, '')
}
