/** The connection as a command sees it; connection-peer.ts is one. */
import type { Log } from '#base/log.ts'
import type { Account, Accounts } from '#mail/account.ts'
import type { Authenticator, LoginAttempt } from '#mail/auth.ts'
import type { Events } from '#mail/events.ts'
import type { QuotaKeeper } from '#mail/quotas.ts'
import type { ImapSieve } from './options.ts'
import type { TLSSocket } from 'node:tls'
import type { AccountNews } from './account-news.ts'
import type { IdParameter } from './syntax/request.ts'
import type { Progress } from './progress.ts'
import type { Piece } from './syntax/print.ts'

/** Untagged data on its way to the peer. */
export type Output = {
  /** Text in UTF-8 or bytes as they are; nothing is sent yet. */
  write(piece: Piece): void
  /** The same for some of `bytes`, without an object for them. */
  writeRange(bytes: Uint8Array, start: number, end: number): void
  /** Enough has been written, or enough time used: `await room()` before going on. */
  readonly isFull: boolean
  /** Sends what was written, waits while the peer is slow, and lets others run. */
  room(): Promise<void>
}

export type Peer = {
  readonly output: Output
  readonly progress: Progress
  /** Of this connection; set by ENABLE and by the commands that imply it (RFC 7162 §3.1) */
  readonly enabled: { condstore: boolean; qresync: boolean; rev2: boolean; utf8Accept: boolean; uidOnly: boolean }
  /** Of this connection; made by the first command that asks for news of the account, gone with the login */
  readonly accountNews: AccountNews | undefined
  listen(account: Account): AccountNews
  /** Marks what this connection changes */
  readonly id: string
  readonly accounts: Accounts
  readonly authenticator: Authenticator
  readonly quotas: QuotaKeeper
  readonly imapSieve: ImapSieve | undefined
  readonly hostname: string
  readonly log: Log
  readonly events: Events
  readonly signal: AbortSignal
  readonly tls: TLSSocket | undefined
  /** TLS is here or not needed */
  readonly mayLogIn: boolean
  /** Advertised after login */
  offers(capability: string): boolean
  /** What the client says of itself. Returns whether that changes its capabilities, and what it may ask for. */
  identify(parameters: readonly IdParameter[] | undefined): boolean
  capabilities(state: 'unauthenticated' | 'authenticated'): string
  attempt(mechanism: string): LoginAttempt
  /** AUTH= names offered now */
  readonly mechanisms: readonly string[]
  /** The messages of one APPEND together */
  readonly appendLimitBytes: number
  /** STARTTLS is possible now */
  readonly canStartTls: boolean
  /** Changes to TLS once the tagged reply has been sent; what was buffered is thrown away. */
  startTls(): void
  readonly compressed: boolean
  /** Compresses once the tagged reply has been sent. */
  compress(): void
  /** Sends `+ text` and everything before it, then waits for one line. Undefined when the peer has gone or the line is too long. */
  ask(text: string): Promise<Uint8Array | undefined>
  /** Ends the conversation with a BYE, also while it waits for the peer. */
  leave(goodbye: string): void
  /** Sends what was written without waiting for a slow peer; resolves when it has left. */
  flush(): Promise<void>
}
