/** What a command is, and what it may use. */
import type { Accounts } from '#mail/account.ts'
import type { Authenticator, AuthResult, LoginAttempt } from '#mail/auth.ts'
import type { Log } from '#base/log.ts'
import type { Language, Text } from '#base/text.ts'
import type { ChannelBinding } from '../sasl/channel-binding.ts'
import type { Authorization, Session, Transaction } from './session.ts'
import type { Pop3Request } from './syntax/request.ts'

/** RFC 2449 §8, RFC 3206. IN-USE and LOGIN-DELAY are never said: nothing is locked, and nobody is told to come less often. */
export type ResponseCode = 'AUTH' | 'SYS/TEMP' | 'SYS/PERM'

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
  /** The client reads UTF-8, by the UTF8 command. RFC 6856 §2.1 */
  utf8: boolean
  /** Of the texts behind +OK and -ERR; undefined until LANG has chosen one. RFC 6856 §3 */
  languageTag: string | undefined
  /** What `LANG *` chooses: the user's own language after the login, the installation's before it */
  readonly preferredLanguage: Language
  write(data: Uint8Array | string): void
  /** `+OK`. A string has no words in it: numbers, ids. */
  ok(text?: Text | string): void
  /** `-ERR`; `before` the text stands what is no language */
  err(text: Text, code?: ResponseCode, before?: string): void
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
