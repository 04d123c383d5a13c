/** What somebody signs in by: name and password (and a code, where a second factor is on), a passkey, a ticket. */
import { randomUUID } from 'node:crypto'
import type { AuthResult, Login, LoginAttempt } from '#mail/auth.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import type { ProblemDetails } from '../jmap/wire.ts'
import { placeOf } from './place.ts'
import type { SignInOptions } from './signed-in.ts'
import type { HttpVisit } from './site.ts'

type Given = Readonly<Record<string, unknown>>
type Attempt = Omit<LoginAttempt, 'mechanism'>

/** A problem: not asked in a way that we know, or a code is needed, or was wrong. */
export async function proofOf(
  given: Given,
  visit: HttpVisit,
  options: SignInOptions,
): Promise<AuthResult | { readonly problem: ProblemDetails }> {
  const attempt = webAttempt(visit)
  const { ticket, passkey, username, password, totp } = given
  if (typeof ticket === 'string') return byTicket(ticket, attempt, options)
  if (typeof passkey === 'object' && passkey !== null) return byPasskey(passkey, attempt, visit, options)
  if (typeof username !== 'string' || typeof password !== 'string') return { problem: unknown }
  const result = await options.authenticator.password(username, password, { ...attempt, mechanism: 'PASSWORD' })
  if (result.kind !== 'ok' || !options.access.secondFactor.isOn(result.login.account)) return result
  if (typeof totp !== 'string' || totp === '') return { problem: codeNeeded }
  const second = await takesCode(totp, result.login, visit, options)
  return second.kind === 'refused' ? { problem: wrongCode } : second
}

/** A code of the second factor, throttled for each account. */
export function takesCode(
  code: string,
  login: Login,
  visit: HttpVisit,
  { authenticator, access }: SignInOptions,
): Promise<AuthResult> {
  const attempt = { ...webAttempt(visit), mechanism: 'TOTP' }
  return authenticator.guarded(login, attempt, () => access.secondFactor.takes(login.account, code))
}

/** The password of who is signed in, once more: for what would let a stranger at an open browser stay. */
export async function provesPassword(
  password: string,
  login: Login,
  visit: HttpVisit,
  { authenticator }: SignInOptions,
): Promise<AuthResult> {
  const result = await authenticator.password(login.address, password, { ...webAttempt(visit), mechanism: 'PASSWORD' })
  const isOther = result.kind === 'ok' && result.login.account !== login.account
  return isOther ? { kind: 'refused', reason: 'wrong-password' } : result
}

/** The password, and where a second factor is on a code too: for what opens the account elsewhere. `given`: fields `password` and `totp` */
export async function provesAll(
  given: ReadonlyMap<string, string>,
  login: Login,
  visit: HttpVisit,
  options: SignInOptions,
): Promise<AuthResult | { readonly problem: ProblemDetails }> {
  const proved = await provesPassword(given.get('password') ?? '', login, visit, options)
  if (proved.kind !== 'ok' || !options.access.secondFactor.isOn(login.account)) return proved
  const code = given.get('totp') ?? ''
  if (code === '') return { problem: codeNeeded }
  const second = await takesCode(code, login, visit, options)
  return second.kind === 'refused' ? { problem: wrongCode } : second
}

function webAttempt({ clientAddress }: HttpVisit): Attempt {
  return { clientAddress, protocol: 'web', session: randomUUID() }
}

function byTicket(ticket: string, attempt: Attempt, { authenticator, access }: SignInOptions): Promise<AuthResult> {
  return authenticator.proved(ticket, { ...attempt, mechanism: 'TICKET' }, () => access.loginByTicket(ticket))
}

async function byPasskey(
  passkey: object,
  attempt: Attempt,
  visit: HttpVisit,
  { authenticator, access }: SignInOptions,
): Promise<AuthResult | { readonly problem: ProblemDetails }> {
  const place = placeOf(visit)
  if (!place) return { problem: unknown }
  const shown = JSON.stringify(passkey)
  return authenticator.proved(shown, { ...attempt, mechanism: 'PASSKEY' }, () => access.passkeys.login(passkey, place))
}

const unknown = plainProblem(400, 'Bad Request', 'Give username and password, a passkey, or a ticket')
const codeNeeded: ProblemDetails = {
  type: '/problems/second-factor-needed',
  status: 401,
  title: 'Second factor needed',
  detail: 'This account has a second factor: give a code as totp',
}
export const wrongCode: ProblemDetails = {
  type: '/problems/wrong-code',
  status: 401,
  title: 'Wrong code',
  detail: 'The code is wrong, or was used before',
}
