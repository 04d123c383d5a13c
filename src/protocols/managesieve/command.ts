/** What a command is, and what it may use. */
import type { Log } from '#base/log.ts'
import type { Text } from '#base/text.ts'
import type { Authenticator, AuthResult, LoginAttempt } from '#mail/auth.ts'
import type { Scripts } from '#mail/scripts.ts'
import type { ChannelBinding } from '../sasl/channel-binding.ts'
import type { Authenticated, Session, Unauthenticated } from './session.ts'
import type { ManageSieveRequest } from './syntax/request.ts'
import type { ResponseCode } from './syntax/response.ts'

/** The connection as commands see it. */
export type Peer = {
  readonly scripts: Scripts
  readonly authenticator: Authenticator
  readonly log: Log
  readonly attempt: Omit<LoginAttempt, 'mechanism'>
  readonly encrypted: boolean
  readonly channelBinding: ChannelBinding | undefined
  /** Passwords may cross now. */
  readonly mayLogIn: boolean
  /** STARTTLS is possible now. */
  readonly mayStartTls: boolean
  readonly features: Features
  /** A line of strings and words */
  writeLine(...parts: readonly (string | Uint8Array)[]): void
  /** An empty text is none */
  ok(text?: Text, code?: ResponseCode): void
  no(text: Text, code?: ResponseCode): void
  bye(text: Text, code?: ResponseCode): void
  /** The next line of an exchange as text; undefined when it is no string or the peer is gone. */
  response(): Promise<string | undefined>
  startTls(): Promise<void>
  /** Keeps count of failures and answers them; the session after a success. `sasl`: what the mechanism says at its end */
  loggedIn(result: AuthResult, sasl?: string): Promise<Session>
}

/** What this server's scripts can do, for CAPABILITY. §1.7 */
export type Features = {
  readonly extensions: readonly string[]
  readonly notifyMethods: readonly string[]
  readonly maxRedirects: number
  /** Schemes of the URIs that lists have, RFC 6134 §5; empty where scripts know no lists */
  readonly listSchemes: readonly string[]
}

type RequestOf<Kind extends ManageSieveRequest['kind']> = ManageSieveRequest & { readonly kind: Kind }

/** A command answers by itself and tells the state that follows; undefined: the same. */
export type Command<Kind extends ManageSieveRequest['kind'], State extends Unauthenticated | Authenticated> = {
  readonly states: readonly State['kind'][]
  run(request: RequestOf<Kind>, session: State, peer: Peer): Promise<Session | undefined> | Session | undefined
}
