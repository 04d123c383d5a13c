/** What the servers by which people reach their mail (IMAP, POP3) are given alike. */
import type { TlsOptions } from 'node:tls'
import type { Log } from '#base/log.ts'
import type { Accounts } from '#mail/account.ts'
import type { Authenticator } from '#mail/auth.ts'
import type { Events } from '#mail/events.ts'

export type MailboxServerOptions = {
  readonly accounts: Accounts
  readonly authenticator: Authenticator
  /** Said in the greeting */
  readonly hostname: string
  /** STARTTLS (STLS) is offered when set. Give the same object until certificates change: contexts are kept by it. */
  readonly tls?: () => TlsOptions
  readonly log: Log
  readonly events?: Events
  /** Passwords may cross without TLS. For loopback, by setting. */
  readonly allowPlaintextLogin?: boolean
  /** Tests turn these; everyone else takes what limits.ts says. */
  readonly timeouts?: { readonly loginMs?: number; readonly idleMs?: number }
}

export type ClientFacts = { readonly clientAddress: string }
