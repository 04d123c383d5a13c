import type { SmtpReply } from './smtp-reply.ts'

/** Reverse-path without angle brackets; '' is the null path. RFC 5321 §3.6.3, §4.5.5 */
export type ReversePath = string

export type BodyKind = '7BIT' | '8BITMIME' | 'BINARYMIME'

export type DsnNotify =
  | { readonly never: true }
  | { readonly success: boolean; readonly failure: boolean; readonly delay: boolean }

/** What travels with a message and is not part of it. RFC 5321 §2.3.1, DSN parameters RFC 3461 §4. Plain data: crosses threads. */
export type Envelope = {
  readonly reversePath: ReversePath
  readonly recipients: readonly EnvelopeRecipient[]
  readonly body: BodyKind
  readonly smtpUtf8: boolean
  /** RET= */
  readonly dsnReturn?: 'FULL' | 'HDRS'
  /** ENVID=, xtext decoded */
  readonly dsnEnvelopeId?: string
  /** REQUIRETLS: no hop without verified TLS. RFC 8689 */
  readonly requireTls?: true
  /** XDELIVERY, between boxes of ours only: under which id the trace of both tells of it */
  readonly deliveryId?: string
  /** HOLDFOR, HOLDUNTIL: to be sent not before, milliseconds since 1970. RFC 4865 */
  readonly releaseAt?: number
}

export type EnvelopeRecipient = {
  /** As the peer wrote it, without angle brackets: `"odd local"@example.org`, `a..b@docomo.ne.jp` */
  readonly address: string
  readonly notify?: DsnNotify
  /** ORCPT= as `addr-type;xtext-decoded` */
  readonly originalRecipient?: string
}

/**
 * The end of one attempt for one recipient, in the order of the envelope's recipients.
 * `delivered`: safe at the next holder. `deferred`: nothing is decided, try again. `failed`: never try again.
 * `reply` holds the words of whoever decided, verbatim.
 */
export type RecipientResult = {
  readonly status: 'delivered' | 'deferred' | 'failed'
  readonly reply: SmtpReply
  /** `delivered` to a holder that was given NOTIFY, ORCPT and ENVID and now owes the report. RFC 3461 §5.2.1 */
  readonly dsnPassedOn?: boolean
  /** Name of the host whose words `reply` holds; absent when they are ours */
  readonly remote?: string
  /** Where that host was spoken to; `tls`: `TLSv1.3 TLS_AES_256_GCM_SHA384`, absent where it was plaintext */
  readonly over?: { readonly address: string; readonly tls?: string }
  /** `deferred` because the connection broke after the message: it may have arrived all the same */
  readonly unsure?: true
  /** `deferred` before anything was said of the message: no route, no connection, no TLS, no login */
  readonly unreached?: true
}
