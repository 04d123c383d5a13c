/**
 * What an SMTP or LMTP session asks of the mail system: the border between protocols/smtp (server) and mail/.
 * Four receivers exist: the gateway's (profile mx), delivery at home (lmtp), submission, and the gateway's for what its home sends (relay).
 */
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { Login } from './auth.ts'
import type { Settled } from './downstream.ts'
import type { DeliveryId } from './ids.ts'
import type { ConnectionFindings } from './verdicts.ts'

export type SmtpProfile = 'mx' | 'submission' | 'lmtp' | 'relay'

/** Facts of the connection so far. Plain data, replaced (never changed) when they change. */
export type SessionFacts = {
  /** Unique in this process; carried by log lines and events */
  readonly id: string
  readonly profile: SmtpProfile
  readonly clientAddress: string
  readonly clientPort: number
  readonly localPort: number
  /** The proxy by whose word the client's address is what it is (PROXY, XCLIENT) */
  readonly via?: string
  /** The client's reverse name, where a trusted proxy has told it (XCLIENT NAME) */
  readonly reverse?: ConnectionFindings['reverse']
  readonly helo: string | undefined
  readonly tls: TlsFacts | undefined
  /** After AUTH */
  readonly login: Login | undefined
  /** Submission: it is asked later how its letters have ended (Queue.endOf) */
  readonly asksForEnd?: boolean
  /** The peer proved to be a configured gateway (relay: a home), by client certificate or SASL; its name from the configuration */
  readonly gateway: string | undefined
}

export type TlsFacts = {
  readonly protocol: string
  readonly cipher: string
  readonly serverName: string | undefined
  /** Hex SHA-256 of the client's certificate when it sent one */
  readonly clientCertificate: string | undefined
}

export type MessageReceiver = {
  /** MAIL FROM. The envelope has no recipients yet. `declaredSize` from SIZE= in octets. */
  begin(
    session: SessionFacts,
    envelope: Envelope,
    declaredSize: number | undefined,
    signal: AbortSignal,
  ): Promise<Begun>
  /**
   * Only the receiver at home has these, and only a session with `gateway` set may reach them (LMTP extension XHIKYAKU):
   * which box is speaking and its how-manieth start; false refuses a boot older than one already seen.
   */
  hello?(session: SessionFacts, origin: string, boot: number): boolean
  /** The senders of these have their answer. */
  settled?(session: SessionFacts, settled: readonly Settled[]): void
}

export type Begun =
  | { readonly kind: 'refused'; readonly reply: SmtpReply }
  | { readonly kind: 'open'; readonly reply: SmtpReply; readonly transaction: IncomingTransaction }

export type IncomingTransaction = {
  /** RCPT TO. A 2xx reply adds the recipient. */
  recipient(recipient: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply>
  /**
   * The whole message has arrived. When this resolves with 2xx the message is safe: whoever answered has it on disk.
   * `source` stays readable until `settle` has been called.
   */
  message(source: MessageSource, signal: AbortSignal): Promise<MessageVerdict>
  /**
   * Called once, whatever happened. `confirmed`: a reply was written and the peer went on or closed cleanly.
   * `gone`: the peer vanished before or while it got the reply, so it may send again. `aborted`: RSET, or no DATA ever came.
   */
  settle(outcome: 'confirmed' | 'gone' | 'aborted'): void
}

export type MessageVerdict = {
  /** For the accepted recipients in order. LMTP prints each (RFC 2033 §4.2). */
  readonly results: readonly RecipientResult[]
  /** The one reply of mx and submission. */
  readonly reply: SmtpReply
  /** Submission: what it is called in the outbound queue */
  readonly delivery?: DeliveryId
  /** Submission: its Message-ID, given or made, without angle brackets */
  readonly messageId?: string
}
