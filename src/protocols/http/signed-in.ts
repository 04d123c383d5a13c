/** Who is signed in, by the cookie of a session. */
import { randomUUID } from 'node:crypto'
import type { Text } from '#base/text.ts'
import type { Access } from '#mail/access/access.ts'
import type { SessionLogin } from '#mail/access/web-sessions.ts'
import type { Authenticator, AuthResult, Login } from '#mail/auth.ts'
import type { ProofLogins } from '#mail/auth-proofs.ts'
import type { Directory } from '#mail/directory.ts'
import { finish, sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import { shownCookie } from './cookie.ts'
import { noteKnown } from './last-words.ts'
import { isFromOurPages, mayCarrySecrets } from './our-pages.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import type { HttpVisit } from './site.ts'

export type MailService = { readonly host: string; readonly port: number; readonly security: 'tls' | 'starttls' }
/** Those that are offered */
export type MailServices = { readonly imap?: MailService; readonly submission?: MailService }

export type FirstStep = {
  readonly search?: string | undefined
  readonly writeTo?: string | undefined
  readonly note?: Text | undefined
}

export type SignInOptions = {
  readonly authenticator: Authenticator & ProofLogins
  readonly access: Access
  readonly directory: Pick<Directory, 'userOf'>
  /** Secrets may cross without TLS from other machines too: a setting of the listener */
  readonly allowPlaintextLogin: boolean
  /** Under which servers of ours write Authentication-Results: the webmail believes no others (RFC 8601 §7.1) */
  readonly authservIds?: () => readonly string[]
  /** What the webmail invites somebody new to try: words to search for, or an address to write to */
  readonly firstSteps?: () => readonly FirstStep[]
  /** The owner's own, for the webmail's menu */
  readonly links?: () => readonly { readonly label: Text; readonly url: string }[]
  /** Where mail programs find us */
  readonly services?: MailServices
}

export type SessionResult = (SessionLogin & { readonly kind: 'ok' }) | Exclude<AuthResult, { kind: 'ok' }>

export const foreign = plainProblem(403, 'Forbidden', 'This is for our own pages')

/** For other sites' paths; nothing is answered. Undefined: nobody, or not from a page of ours. */
export async function whoIsSignedIn(visit: HttpVisit, options: SignInOptions): Promise<Login | undefined> {
  const token = shownCookie(visit)
  if (token === undefined || !isFromOurPages(visit) || !mayCarrySecrets(visit, options.allowPlaintextLogin))
    return undefined
  const result = await loginBySession(token, visit, options)
  return result.kind === 'ok' ? result.login : undefined
}

/** Undefined: refused, and answered. */
export async function sessionOf(visit: HttpVisit, options: SignInOptions): Promise<SessionLogin | undefined> {
  const token = shownCookie(visit)
  if (token !== undefined && !isFromOurPages(visit)) {
    await sendProblem(visit.response, foreign)
    return undefined
  }
  const result = token === undefined ? undefined : await loginBySession(token, visit, options)
  if (result?.kind === 'ok') {
    noteKnown(visit.request)
    return result
  }
  await refuseSignIn(visit.response, result)
  return undefined
}

/** The token of a cookie is right, or wrong, and then counted. */
export async function loginBySession(
  token: string,
  { clientAddress }: Pick<HttpVisit, 'clientAddress'>,
  { authenticator, access }: Pick<SignInOptions, 'authenticator' | 'access'>,
): Promise<SessionResult> {
  const attempt = { clientAddress, protocol: 'web', mechanism: 'COOKIE', session: randomUUID() } as const
  let found: SessionLogin | undefined
  const find = (): Login | undefined => {
    found = access.sessions.find(token)
    return found?.login
  }
  const result = await authenticator.proved(token, attempt, find)
  if (result.kind !== 'ok') return result
  return found ? { kind: 'ok', ...found } : { kind: 'refused', reason: 'wrong-password' }
}

export function sendNothing({ response }: HttpVisit): Promise<void> {
  response.writeHead(204, { 'cache-control': 'no-store' })
  return finish(response, '')
}
