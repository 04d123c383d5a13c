/** What a command is, and what it may use. */
import type { Accounts } from '#mail/account.ts'
import type { Authenticator, AuthResult, LoginAttempt } from '#mail/auth.ts'
import type { Log } from '#base/log.ts'
import type { ChannelBinding } from '../sasl/channel-binding.ts'
import type { Authorization, Session, Transaction } from './session.ts'
import type { Pop3Request } from './syntax/request.ts'

/** The connection as commands see it. Text goes out in order; `pause` waits for a slow peer and lets others have a turn. */
export type Peer = {
  readonly accounts: Accounts
  readonly authenticator: Authenticator
  readonly log: Log
  readonly attempt: Omit<LoginAttempt, 'mechanism'>
  readonly encrypted: boolean
  readonly channelBinding: ChannelBinding | undefined
  /** Passwords may cross now. */
  readonly mayLogIn: boolean
  /** STLS is possible now. */
  readonly mayStartTls: boolean
  write(data: Uint8Array | string): void
  pause(): Promise<void>
  /** The next line as text, for SASL; undefined when it is no line or the peer is gone. */
  responseLine(): Promise<string | undefined>
  startTls(): Promise<void>
  /** Keeps count of failures and answers them; the session after a success. */
  loggedIn(result: AuthResult): Promise<Session>
}

type RequestOf<Kind extends Pop3Request['kind']> = Pop3Request & { readonly kind: Kind }

/** A command answers by itself and tells the state that follows; undefined: the same. */
export type Command<Kind extends Pop3Request['kind'], State extends Authorization | Transaction> = {
  readonly states: readonly State['kind'][]
  run(request: RequestOf<Kind>, session: State, peer: Peer): Promise<Session | undefined> | Session | undefined
}

export function ok(text = ''): string {
  return text === '' ? '+OK\r\n' : `+OK ${text}\r\n`
}

/** `code`: RFC 2449 §6.4, RFC 3206 */
export function err(text: string, code?: 'AUTH' | 'SYS/TEMP' | 'SYS/PERM'): string {
  return code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`
}

export const noSuchMessage = err('There is no such message')
