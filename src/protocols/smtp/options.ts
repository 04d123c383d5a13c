/** What a server must be told; roles cut it from the configuration. */
import type { TlsOptions } from 'node:tls'
import type { Log } from '#base/log.ts'
import type { MessageReceiver, SmtpProfile } from '#mail/receiving.ts'
import type { Spool } from '#mail/spool.ts'
import type { GatewayQuestions } from '#mail/trace/gateway-questions.ts'
import type { Authenticator } from '#mail/auth.ts'
import type { Visitors } from '#mail/visitors.ts'
import type { BareLineEnds } from './syntax/data.ts'

export type SmtpServerOptions = {
  readonly profile: SmtpProfile
  /** Said in the greeting and to EHLO */
  readonly hostname: string
  readonly receiver: MessageReceiver
  readonly spool: Spool
  /** Spool files under a key that lives in memory: for the gateway */
  readonly encryptSpool?: boolean
  readonly maxMessageBytes: number
  /** Of one message; the profile's own when absent */
  readonly maxRecipients?: number
  /** STARTTLS is offered when set. Give the same object until certificates change: contexts are kept by it. */
  readonly tls?: () => TlsOptions
  /** Submission: who logs people in */
  readonly authenticator?: Authenticator
  /** By setting, for loopback: logins without TLS */
  readonly plaintextLogins?: boolean
  /** LMTP: who may speak for a gateway */
  readonly peers?: LmtpPeers
  /** LMTP at home: what its gateways are asked */
  readonly questions?: Pick<GatewayQuestions, 'next' | 'told'>
  /** MX: named to those who try to log in here */
  readonly submissionHost?: string
  /** Submission: how far ahead a message may be sent later, milliseconds; not offered when absent or 0. RFC 4865 */
  readonly futureReleaseMs?: number
  readonly bareLineEnds?: BareLineEnds
  /** MX: the connection stage */
  readonly visitors?: Visitors
  /** MX: peers that may name another client (XCLIENT), by their own address */
  readonly isTrustedProxy?: (address: string) => boolean
  /** BINARYMIME is offered. Default: LMTP only, since what a gateway takes it must be able to hand on. */
  readonly binaryMime?: boolean
  readonly log: Log
  /** Tests turn these; everyone else takes what limits.ts says. */
  readonly timeouts?: { readonly commandMs?: number; readonly dataMs?: number; readonly verdictMs?: number }
}

export type LmtpPeers = {
  /** Hex SHA-256 of a client certificate → the gateway's name */
  readonly certificates: ReadonlyMap<string, string>
  /** Name → password for SASL PLAIN and LOGIN */
  readonly passwords: ReadonlyMap<string, string>
  /** Loopback or a unix socket, by explicit setting: plain delivery, never as a gateway */
  readonly allowUnauthenticated: boolean
}

export type ClientFacts = {
  readonly clientAddress: string
  readonly clientPort: number
  readonly localPort: number
  readonly via?: string
}
