/** Signing in and out for browsers: `/session`, `/sessions`, and what belongs to an account there. docs/plan-webmail.md, Borders */
import { randomUUID } from 'node:crypto'
import type { SessionLogin, WebSession } from '#mail/access/web-sessions.ts'
import type { AuthResult, LoginAttempt } from '#mail/auth.ts'
import { sendJson, sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import { clearCookie, setCookie, shownCookie } from './cookie.ts'
import { isFromElsewhere } from './our-pages.ts'
import { ownPaths, type PathTable } from './own-paths.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import { secretPaths } from './secrets-site.ts'
import { foreign, sendNothing, sessionOf, type SignInOptions } from './signed-in.ts'
import type { HttpSite, HttpVisit } from './site.ts'
import { readFields } from './small-body.ts'

const sessionPaths: PathTable = {
  '/session': { POST: signIn, GET: tell, DELETE: signOut },
  '/sessions': { GET: list },
  '/sessions/*': { DELETE: endOther },
}

export function sessionSite(options: SignInOptions): HttpSite {
  return ownPaths({ ...sessionPaths, ...secretPaths }, options)
}

async function signIn(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const { request, response, clientAddress } = visit
  if (isFromElsewhere(visit)) return sendProblem(response, foreign)
  const given = await readFields(request)
  if ('status' in given) return sendProblem(response, given)
  const attempt = { clientAddress, protocol: 'web', session: randomUUID() } as const
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
  await sendNothing(visit)
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

async function endOther(visit: HttpVisit, options: SignInOptions, id: string): Promise<void> {
  const known = await sessionOf(visit, options)
  if (!known) return
  if (!(await options.access.sessions.end(known.login.account, id)))
    return sendProblem(visit.response, plainProblem(404, 'Not Found', 'There is no such session'))
  if (id === known.session.id) clearCookie(visit)
  await sendNothing(visit)
}
