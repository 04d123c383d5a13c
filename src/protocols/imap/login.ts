/** The end of every way to log in. */
import type { ImapSession } from '#mail/account.ts'
import type { AuthResult, Login } from '#mail/auth.ts'
import type { Peer } from './peer.ts'
import { no, okAnd, type Reply } from './reply.ts'
import { authenticated } from './session.ts'

/** Opens the account; the capabilities that hold now come with the OK. RFC 9051 §6.2.3, §7.1 */
export async function logIn(login: Login, peer: Peer, command: 'LOGIN' | 'AUTHENTICATE'): Promise<Reply> {
  const account = (await peer.accounts.account(login.account)).as(peer.id, imapSession(login, peer))
  recordLogin(peer, 'login', login.address)
  const code = `CAPABILITY ${peer.capabilities('authenticated')}`
  return okAnd(authenticated(login, account), `${command} completed`, code)
}

/** RFC 5530 codes. Whether the name or the password was wrong is nobody's business. */
export function loginReply(result: Exclude<AuthResult, { kind: 'ok' }>, peer: Peer): Reply {
  switch (result.kind) {
    case 'refused':
      recordLogin(peer, 'login-refused', result.reason)
      // only who has the right password hears it, and clients show an ALERT
      if (result.reason === 'app-password-needed')
        return no('ALERT', 'This account has a second factor: programs need an app password')
      return no('AUTHENTICATIONFAILED', 'The name or the password is wrong')
    case 'throttled':
      return no('UNAVAILABLE', `Too many failures: try again in ${Math.ceil(result.retryAfterMs / 1000)} seconds`)
    case 'unavailable':
      peer.log.warn('A login could not be checked', { reason: result.reason })
      return no('UNAVAILABLE', 'Logins cannot be checked now: try again later')
    default:
      return result satisfies never
  }
}

/** Of what loginReply says to who may not come in */
export const failedLoginCodes: ReadonlySet<string> = new Set(['AUTHENTICATIONFAILED', 'ALERT'])

function recordLogin(peer: Peer, kind: 'login' | 'login-refused', detail: string): void {
  const { clientAddress, session, protocol } = peer.attempt('')
  const facts = kind === 'login' ? { to: detail } : { detail: { reason: detail, protocol } }
  peer.events.record({ at: Date.now(), kind, session, client: clientAddress, ...facts })
}

function imapSession({ address }: Login, { imapSieve }: Peer): ImapSession | undefined {
  return (
    imapSieve && {
      login: address,
      get script() {
        return imapSieve.script()
      },
    }
  )
}
