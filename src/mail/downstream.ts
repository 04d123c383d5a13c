/**
 * From the gateway to home while the sender waits: the same conversation as receiving.ts, with the facts that only the gateway
 * knows. Over a socket it is LMTP with one signed field; in one process it is a call.
 */
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { Attempt } from './delivery.ts'
import type { DeliveryId } from './ids.ts'
import type { Verdicts } from './verdicts.ts'

export type DeliveryFacts = {
  readonly attempt: Attempt
  readonly clientAddress: string
  readonly helo: string
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`, or undefined for plaintext */
  readonly tls: string | undefined
  /** When the gateway took the message in, milliseconds since 1970 */
  readonly receivedAt: number
  /** It waited in the hold: never refused for quota */
  readonly held: boolean
  /** What the gateway found out; absent from one that checks nothing */
  readonly verdicts?: Verdicts
}

export type Downstream = {
  /**
   * Undefined: home cannot be reached in time, hold the message. `facts` must be read when the message is sent, not before:
   * `attempt.gone` is known only after the message's last byte.
   */
  open(
    envelope: Envelope,
    facts: DeliveryFacts,
    declaredSize: number | undefined,
    signal: AbortSignal,
  ): Promise<DownstreamTransaction | undefined>
  /** The senders of these have (or have not) their answer. Sent lazily, many at a time. */
  settle(settled: readonly Settled[]): void
}

export type Settled = { readonly id: DeliveryId; readonly recipient: string }

export type DownstreamTransaction = {
  /** Undefined: home went away meanwhile. */
  recipient(recipient: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply | undefined>
  /**
   * `trace` is the gateway's own block of fields (Received, Authentication-Results); `message` the bytes as received. One
   * result per accepted recipient; `unsure` where the connection was lost after the message had begun to travel.
   */
  message(
    trace: Uint8Array,
    message: MessageSource,
    signal: AbortSignal,
  ): Promise<readonly (RecipientResult | 'unsure')[]>
  /** Gives the connection back (RSET). Always called once at the end. */
  close(): void
}
