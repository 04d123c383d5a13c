/** Signing in and out for browsers: `/session`, `/sessions`, and what belongs to an account there. docs/plan-webmail.md, Borders */
import { ownTicketMs } from '#mail/access/tickets.ts'
import type { Login } from '#mail/auth.ts'
import type { SessionLogin, WebSession } from '#mail/access/web-sessions.ts'
import { sendJson, sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import type { ProblemDetails } from '../jmap/wire.ts'
import { clearCookie, setCookie, shownCookie } from './cookie.ts'
import { isFromElsewhere } from './our-pages.ts'
import { ownPaths, type PathTable } from './own-paths.ts'
import { passkeyPaths } from './passkeys-site.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import { secondFactorPaths } from './second-factor-site.ts'
import { secretPaths } from './secrets-site.ts'
import { foreign, sendNothing, sessionOf, type SignInOptions } from './signed-in.ts'
import { proofOf, provesAll } from './sign-in-proof.ts'
import type { HttpSite, HttpVisit } from './site.ts'
import { readFields, readObject } from './small-body.ts'

const sessionPaths: PathTable = {
  '/session/ticket': { POST: makeTicket },
  '/session': { POST: signIn, GET: tell, DELETE: signOut },
  '/sessions': { GET: list },
  '/sessions/*': { DELETE: endOther },
}

export function sessionSite(options: SignInOptions): HttpSite {
  return ownPaths({ ...sessionPaths, ...secretPaths, ...secondFactorPaths, ...passkeyPaths }, options)
}

async function signIn(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const { request, response, clientAddress } = visit
  if (isFromElsewhere(visit)) return sendProblem(response, foreign)
  const given = await readObject(request)
  if ('problem' in given) return sendProblem(response, given.problem)
  const result = await proofOf(given.object, visit, options)
  if ('problem' in result) return sendProblem(response, result.problem)
  if (result.kind !== 'ok') return refuseSignIn(response, result)
  // a new token each time, whatever was shown: nobody can plant one
  const before = shownCookie(visit)
  const old = before === undefined ? undefined : options.access.sessions.find(before)
  const isByLink = typeof given.object['ticket'] === 'string' && given.object['replace'] !== true
  if (isByLink && old && old.session.account !== result.login.account)
    return sendProblem(response, otherPerson(result.login, old.login, options))
  const userAgent = request.headers['user-agent'] ?? ''
  const begun = await options.access.sessions.begin(result.login, { userAgent, clientAddress })
  if (!begun) return refuseSignIn(response, { kind: 'refused', reason: 'disabled' })
  if (old) await options.access.sessions.end(old.session.account, old.session.id)
  setCookie(visit, begun.token, begun.session.createdAt + cookieMs)
  await sendJson(response, await bodyOf(begun, options))
}

/**
 * Anybody can send a link that opens as themselves: who is signed in is not put out by a click (login CSRF), but asked. `ticket` stands for the one
 * that was shown, which is used up: with `replace` it is taken.
 */
function otherPerson(to: Login, from: Login, { access }: SignInOptions): ProblemDetails {
  const { ticket } = access.tickets.make(to.account, ownTicketMs)
  const about = { username: to.address, signedInAs: from.address, ticket }
  const detail = `${from.address} is signed in here, and the link is for ${to.address}`
  return { type: '/problems/other-person', status: 409, title: 'Somebody else is signed in', detail, ...about }
}

/** As long as a session may last at all; whether it still does is asked of us each time. */
const cookieMs = 365 * 24 * 60 * 60_000

/** RFC 3339, UTC: when the session ends unless it is used again */
async function bodyOf(
  { session: { expiresAt }, login }: SessionLogin,
  { directory, authservIds, links, firstSteps, services }: SignInOptions,
): Promise<object> {
  const user = await directory.userOf(login.account)
  return {
    username: login.address,
    name: user?.name ?? '',
    expires: new Date(expiresAt).toISOString(),
    ...(authservIds && { authservIds: authservIds() }),
    ...(links && { links: links() }),
    ...(firstSteps && { firstSteps: firstSteps() }),
    ...(services && { services }),
  }
}

async function tell(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const known = await sessionOf(visit, options)
  if (known) await sendJson(visit.response, await bodyOf(known, options))
}

/** For another device of the same person: a link that is good once. Whoever finds a browser open cannot make one. */
async function makeTicket(visit: HttpVisit, options: SignInOptions): Promise<void> {
  const known = await sessionOf(visit, options)
  if (!known) return
  const given = await readFields(visit.request)
  if ('status' in given) return sendProblem(visit.response, given)
  const { login } = known
  const proved = await provesAll(given, login, visit, options)
  if ('problem' in proved) return sendProblem(visit.response, proved.problem)
  if (proved.kind !== 'ok') return refuseSignIn(visit.response, proved)
  const { ticket, expiresInMs } = options.access.tickets.make(login.account, ownTicketMs)
  await sendJson(visit.response, { ticket, expiresInSeconds: expiresInMs / 1000 }, 201)
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
